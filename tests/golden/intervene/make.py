#!/usr/bin/env python3
"""Expected effects of interventions on routing, by the reference implementation with its Mixture-of-Experts
blocks replaced by the loops below, in float64.

usage: make.py REFERENCE_SCRIPTS
REFERENCE_SCRIPTS: the folder with reference.py (transformers 5.23.0 on torch 2.11.0 gave the committed file).
Runs the checkpoints of ../forward and writes expected.json: prompts (token ids, each with a language), and for
every case the change and what it does to each language: NLL change, KL(unchanged || changed) and the share of
changed most likely tokens, per token that has a next one.
"""
import json
import pathlib
import random
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
INFINITY = float("inf")
# Of the selection scores around the last chosen place: float32, off by a few 1e-7, has to choose alike.
SMALLEST_MARGIN = 1e-6

CASES = {
    "apollo": [
        {"op": "reroute", "targets": [[1, 3], [2, 5]]},
        {"op": "reroute", "targets": [[2, 1], [2, 2], [2, 6]], "languages": ["b"]},
        {"op": "drop", "targets": [[1, 3], [1, 4], [2, 5]]},
        {"op": "mean", "targets": [[1, 1], [1, 8], [2, 7]]},
        {"op": "boost", "targets": [[1, 2], [2, 2], [2, 6]], "lambda": 0.7},
        {"op": "force", "targets": [[1, 6], [2, 1], [2, 4]], "positions": [2, 5]},
        {"op": "swap", "from": "a", "to": "b", "layers": [1, 2]},
    ],
    "qwen2_moe": [
        {"op": "reroute", "targets": [[1, 3], [1, 7], [2, 5]], "positions": [1, 3]},
        {"op": "drop", "targets": [[1, 3], [2, 5]], "languages": ["a"]},
        {"op": "mean", "targets": [[1, 3], [1, 9]]},
        {"op": "force", "targets": [[1, 6], [2, 1], [2, 4]]},
        {"op": "boost", "targets": [[2, 3]], "lambda": -1.5},
    ],
}


def run_expert(block, e, x):
    gate, up = (x @ block.experts.gate_up_proj[e].T).chunk(2)
    return (torch.nn.functional.silu(gate) * up) @ block.experts.down_proj[e].T


class Blocks:
    """Runs a model with a change of its routing, one token after another."""

    def __init__(self, model, cfg):
        self.model, self.top_k = model, cfg.num_experts_per_tok
        self.renormalise = cfg.norm_topk_prob
        self.case, self.language = {}, None
        self.recorded = None  # (layer, language, logits, {expert: term}) of the unchanged run
        self.smallest_margin = INFINITY
        for layer, module in enumerate(model.model.layers):
            if hasattr(module.mlp, "experts"):
                module.mlp.forward = lambda hidden, layer=layer, block=module.mlp: self.forward(layer, block, hidden)

    def applies(self, position):
        first, last = self.case.get("positions", [0, INFINITY])
        languages = [self.case["from"]] if "from" in self.case else self.case.get("languages", [self.language])
        return self.language in languages and first <= position <= last

    def forward(self, layer, block, hidden):
        rows = [self.token(layer, block, x, t) for t, x in enumerate(hidden[0])]
        return torch.stack(rows).unsqueeze(0)

    def choose(self, scores):
        order = sorted(range(len(scores)), key=lambda e: -scores[e])
        last, following = scores[order[self.top_k - 1]], scores[order[self.top_k]]
        self.smallest_margin = min(self.smallest_margin, last - following)
        return order[:self.top_k]

    def token(self, layer, block, x, position):
        z = block.gate.weight @ x
        op = self.case.get("op") if self.applies(position) else None
        targets = [e for at, e in self.case.get("targets", []) if at == layer]
        logits = z.clone()
        if op == "boost":
            for e in targets:
                logits[e] += self.case["lambda"] * z.std(correction=0)
        if op == "swap" and layer in self.case["layers"]:
            logits = z + self.case["shift"][layer]
        p = torch.softmax(logits, 0).tolist()
        chosen = self.choose(p)
        if op == "reroute":
            chosen = self.choose([-INFINITY if e in targets else p[e] for e in range(len(p))])
        if op == "force":
            for e in targets:
                if e not in chosen:
                    replaceable = [c for c in chosen if c not in targets]
                    chosen[chosen.index(replaceable[-1])] = e
        total = sum(p[e] for e in chosen) if self.renormalise else 1.0
        terms = {e: p[e] / total * run_expert(block, e, x) for e in chosen}
        if self.recorded is not None:
            self.recorded.append((layer, self.language, z, terms))
        if op == "drop":
            terms = {e: v for e, v in terms.items() if e not in targets}
        if op == "mean":
            terms = {e: self.case["mean"][layer, e] if e in targets else v for e, v in terms.items()}
        out = sum(terms.values(), torch.zeros_like(x))
        return out + torch.sigmoid(block.shared_expert_gate(x)) * block.shared_expert(x)

    def log_p(self, prompt, case):
        self.case, self.language = case, prompt["language"]
        with torch.no_grad():
            return torch.log_softmax(self.model(input_ids=torch.tensor([prompt["ids"]])).logits[0], 1)


def complete(case, recorded):
    """Adds to a case what it takes from the unchanged run."""
    case = dict(case)
    if case["op"] == "mean":
        case["mean"] = {(layer, e): torch.stack([terms[e] for at, _, _, terms in recorded
                                                 if at == layer and e in terms]).mean(0)
                        for layer, e in case["targets"]}
    if case["op"] == "swap":
        mean = lambda layer, language: torch.stack([z for at, lang, z, _ in recorded
                                                    if at == layer and lang == language]).mean(0)
        case["shift"] = {layer: mean(layer, case["to"]) - mean(layer, case["from"]) for layer in case["layers"]}
    return case


def effects(blocks, prompts, case):
    sums = {}
    for prompt in prompts:
        before, after = blocks.log_p(prompt, {}), blocks.log_p(prompt, case)
        of = sums.setdefault(prompt["language"], {"tokens": 0, "nll_change": 0.0, "kl": 0.0, "top1_change": 0.0})
        for t, following in enumerate(prompt["ids"][1:]):
            of["tokens"] += 1
            of["nll_change"] += (before[t, following] - after[t, following]).item()
            of["kl"] += (before[t].exp() * (before[t] - after[t])).sum().item()
            of["top1_change"] += float(before[t].argmax() != after[t].argmax())
    return {language: {k: v if k == "tokens" else v / s["tokens"] for k, v in s.items()} for language, s in sums.items()}


def is_clear(blocks, prompt, cases):
    """Whether no choice for the prompt is a near tie, changed or not."""
    blocks.smallest_margin = INFINITY
    for case in [{}] + [case for case in cases if case["op"] not in ("mean", "swap")]:
        if blocks.smallest_margin > SMALLEST_MARGIN:
            blocks.log_p(prompt, case)
    return blocks.smallest_margin > SMALLEST_MARGIN


def draw_prompts(blocks, vocabulary, source, cases):
    prompts = []
    while len(prompts) < 6:
        prompt = {"language": "ab"[len(prompts) % 2],
                  "ids": [source.randrange(vocabulary) for _ in range(4 + len(prompts))]}
        if is_clear(blocks, prompt, cases):
            prompts.append(prompt)
    return prompts


def run_model(name, reference):
    model, _ = reference.load_model(str(HERE.parent / "forward" / name / "checkpoint"), "float64")
    blocks = Blocks(model, model.config)
    source = random.Random(1)
    while True:
        prompts = draw_prompts(blocks, model.config.vocab_size, source, CASES[name])
        blocks.recorded = []
        for prompt in prompts:
            blocks.log_p(prompt, {})
        recorded, blocks.recorded = blocks.recorded, None
        fired = {(layer, e) for layer, _, _, terms in recorded for e in terms}
        averaged = {tuple(t) for case in CASES[name] if case["op"] == "mean" for t in case["targets"]}
        if not averaged <= fired:
            continue
        blocks.smallest_margin = INFINITY
        cases = [{**case, "effects": effects(blocks, prompts, complete(case, recorded))} for case in CASES[name]]
        if blocks.smallest_margin > SMALLEST_MARGIN:
            return {"prompts": prompts, "cases": cases}
        print(name, blocks.smallest_margin, file=sys.stderr)


def main():
    sys.path.insert(0, sys.argv[1])
    import reference
    expected = {name: run_model(name, reference) for name in CASES}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Holds the forward pass of every family to the live reference implementation (Hugging Face transformers), in float32.

usage: parity.py REFERENCE_SCRIPTS ALLUVIUM_DUMP [--only FAMILY ...] [--seeds N N] [--docs docs/families.md]
REFERENCE_SCRIPTS: the folder with make_tiny.py and expected.py, run with a Python that has their packages.
ALLUVIUM_DUMP: the program's tool of that name. For every family, shape and seed a random miniature is made, unequal prompts
are run packed into one batch by the program, with and without --batch-invariant, and each alone by the reference.
--docs writes the largest differences into the table between the markers of that file. Exit status 1 on a difference.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np

import cases

TOLERANCE = 1e-4   # of an array's largest magnitude
NEAR_TIE = 1e-4    # below this margin two computations may choose differently
VOCABULARY = 96
ARRAYS = ("hidden", "router_logits", "topk_weights", "logits")


def quietly(main, *arguments):
    """Runs a reference script's main() in this process: importing the library once is enough."""
    argv, out = sys.argv, sys.stdout
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.argv, sys.stdout = [main.__module__, *map(str, arguments)], nowhere
        try:
            main()
        finally:
            sys.argv, sys.stdout = argv, out


def teach_rules():
    """The reference scripts' rules for families that they do not know."""
    import routing_rules
    known = routing_rules.rule_of

    def rule_of(cfg):
        if cfg["model_type"] == "ernie4_5_moe":
            rule = known({**cfg, "model_type": "minimax_m2", "num_local_experts": cfg["moe_num_experts"],
                          "num_experts_per_tok": cfg["moe_k"]})
            return {**rule, "score": "softmax"}
        return known({**cfg, "model_type": cases.SAME_RULE.get(cfg["model_type"], cfg["model_type"])})
    routing_rules.rule_of = rule_of

    import reference
    load = reference.load_model

    def load_model(*args, **kwargs):
        model, config = load(*args, **kwargs)
        for module in model.modules():
            if hasattr(module, "moe_statics"):  # where the reference scripts look for it
                module.__dict__["e_score_correction_bias"] = module.moe_statics.e_score_correction_bias[0]
            if hasattr(module, "wg"):
                module.__dict__["weight"] = module.wg.weight
        return model, config
    reference.load_model = load_model


class Reference:
    """The reference's model of one checkpoint."""

    def __init__(self, scripts, checkpoint):
        import reference
        import torch
        torch.set_grad_enabled(False)
        torch.set_num_threads(1)  # the miniatures are too small to share
        self.model, self.config = reference.load_model(str(checkpoint), "float32", attn="eager", experts="eager")

    def run(self, ids):
        import expected
        import torch
        capture = expected.Capture(self.model, self.config, 0)
        # Each expert's own share is not compared, and computing it takes most of the time.
        capture.contributions = lambda layer, ids, weights: torch.zeros(*ids.shape, self.config["hidden_size"])
        out = self.model(input_ids=torch.tensor([ids]), use_cache=False)
        arrays, _ = expected.collect(capture, out.logits, True, 0)
        capture.close()
        return arrays


def run_program(dump, checkpoint, prompts, folder, options):
    ids = folder / "ids"
    ids.write_text("".join(" ".join(map(str, p)) + "\n" for p in prompts), encoding="utf-8")
    out = folder / "out"
    done = subprocess.run([dump, checkpoint, out, ids, *options], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    if done.returncode:
        raise SystemExit(f"{checkpoint}: {done.stderr}")
    arrays = {f.stem: np.load(f) for f in out.glob("*.npy")}
    return arrays, (out / "router.txt").read_text(encoding="utf-8").strip()


class Worst:
    """The largest relative differences so far, and how often a choice differs that is no near tie."""

    def __init__(self):
        self.difference = dict.fromkeys(ARRAYS, 0.0)
        self.choices = self.wrong = self.tolerated = 0

    def note(self, array, expected, actual, largest):
        if expected.size:
            relative = float(np.abs(expected.astype(np.float64) - actual).max() / largest)
            self.difference[array] = max(self.difference[array], relative)
            if not np.isfinite(actual).all():
                self.difference[array] = float("inf")

    def ok(self):
        return self.wrong == 0 and all(d < TOLERANCE for d in self.difference.values())


def compare_router(e, a, m, good, worst):
    """Router m for the tokens before `good`; returns the first token whose choice differs, or `good`."""
    worst.note("router_logits", e["router_logits"][m, :good], a["router_logits"][m, :good], np.abs(e["router_logits"][m]).max())
    order, own = np.argsort(e["topk_ids"][m], -1), np.argsort(a["topk_ids"][m], -1)
    same = (np.take_along_axis(e["topk_ids"][m], order, -1) == np.take_along_axis(a["topk_ids"][m], own, -1)).all(-1)
    worst.choices += good
    worst.wrong += int((~same[:good] & (e["margin"][m, :good] > NEAR_TIE)).sum())
    worst.tolerated += int((~same[:good] & (e["margin"][m, :good] <= NEAR_TIE)).sum())
    kept = np.flatnonzero(same[:good])
    weights = np.take_along_axis(e["topk_weights"][m], order, -1)
    worst.note("topk_weights", weights[kept], np.take_along_axis(a["topk_weights"][m], own, -1)[kept], np.abs(weights).max())
    differs = np.flatnonzero(~same[:good])
    return int(differs[0]) if differs.size else good


def compare(e, a, worst):
    """One prompt. What follows a near tie that went the other way is left out: it rightly differs."""
    good = e["hidden"].shape[1]
    routed = {int(layer): m for m, layer in enumerate(e.get("moe_layers", []))}
    worst.note("hidden", e["hidden"][0], a["hidden"][0], np.abs(e["hidden"][0]).max())
    for layer in range(e["hidden"].shape[0] - 1):
        if layer in routed:
            good = compare_router(e, a, routed[layer], good, worst)
        rows = e["hidden"][layer + 1]
        worst.note("hidden", rows[:good], a["hidden"][layer + 1][:good], np.abs(rows).max())
    worst.note("logits", e["logits"][:good], a["logits"][:good], np.abs(e["logits"]).max())


def rows_of(arrays, begin, end):
    axis = {"logits": 0, "input_ids": 0}
    return {k: np.take(v, range(begin, end), axis.get(k, 1)) for k, v in arrays.items() if k != "moe_layers"}


def run_case(args, family, shape, seed, worst):
    import make_tiny
    overrides, extra = cases.FAMILIES[family][1][shape]
    miniature, base = cases.MADE_OF.get(family, (family, {}))
    settings = [f"{k}={json.dumps(v)}" for k, v in {"vocab_size": VOCABULARY, **base, **overrides}.items()]
    rng = random.Random(f"{family} {shape} {seed}")
    prompts = [[rng.randrange(VOCABULARY) for _ in range(n)] for n in cases.LENGTHS]
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        quietly(make_tiny.main, miniature, folder / "model", "--seed", seed, *extra, "--set", *settings)
        reference = Reference(args.scripts, folder / "model")
        expected = [reference.run(p) for p in prompts]
        for options in ([], ["--batch-invariant"]):
            actual, sentence = run_program(args.dump, folder / "model", prompts, folder, options)
            begin = 0
            for prompt, arrays in zip(prompts, expected):
                compare(arrays, rows_of(actual, begin, begin + len(prompt)), worst)
                begin += len(prompt)
    return sentence


def run_family(args, family):
    worst, sentences = Worst(), []
    for shape in range(len(cases.FAMILIES[family][1])):
        for seed in args.seeds:
            one = Worst()
            sentences.append(run_case(args, family, shape, seed, one))
            print(family, shape, seed, "ok" if one.ok() else "DIFFERS", {k: f"{v:.1e}" for k, v in one.difference.items()},
                  f"{one.wrong} wrong, {one.tolerated} near ties of {one.choices}", flush=True)
            for k in ARRAYS:
                worst.difference[k] = max(worst.difference[k], one.difference[k])
            worst.choices, worst.wrong, worst.tolerated = (x + y for x, y in zip(
                (worst.choices, worst.wrong, worst.tolerated), (one.choices, one.wrong, one.tolerated)))
    return worst, sentences[0]


def table(results):
    lines = ["| miniature | `model_type` | rule of its first shape | runs | hidden | logits | router logits | weights | choices that differ | published models |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for family, (worst, sentence, runs) in results.items():
        model_type = cases.FAMILIES[family][0]
        d = {k: f"{v:.0e}" for k, v in worst.difference.items()}
        choices = "" if not worst.choices else f"{worst.wrong} of {worst.choices} (and {worst.tolerated} near ties)"
        router, weights = (d["router_logits"], d["topk_weights"]) if worst.choices else ("", "")
        lines.append(f"| {family} | `{model_type}` | {sentence or 'none'} | {runs} | {d['hidden']} | {d['logits']} | {router} | "
                     f"{weights} | {choices} | {cases.PUBLISHED[model_type]} |")
    return "\n".join(lines)


def write_docs(path, text):
    begin, end = "<!-- parity: begin -->", "<!-- parity: end -->"
    page = path.read_text(encoding="utf-8")
    head, tail = page.split(begin)[0], page.split(end)[1]
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("scripts", type=pathlib.Path)
    ap.add_argument("dump", type=pathlib.Path)
    ap.add_argument("--only", nargs="*", default=list(cases.FAMILIES), choices=list(cases.FAMILIES), metavar="FAMILY")
    ap.add_argument("--seeds", nargs="*", type=int, default=[5, 6])
    ap.add_argument("--docs", type=pathlib.Path)
    args = ap.parse_args()
    sys.path.insert(0, str(args.scripts))
    teach_rules()
    results = {}
    for family in args.only:
        worst, sentence = run_family(args, family)
        results[family] = (worst, sentence, len(cases.FAMILIES[family][1]) * len(args.seeds))
    text = table(results)
    print(text)
    if args.docs:
        write_docs(args.docs, text)
    return 0 if all(worst.ok() for worst, _, _ in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Small random traces and what every metric of docs/metrics.md says about them.

Written from the definitions, token by token, with no regard for speed; shares no code with the
program. Nulls and the noise floor, which the program samples, are enumerated here, so that the test
compares a sample's mean with the exact one. Needs numpy and mpmath.

    python3 make_expected.py > expected.json
"""
import itertools
import json
import math
import sys

import mpmath
import numpy as np


def entropy(q):
    return -sum(x * math.log(x) for x in q if x > 0)


def normalised(v):
    total = sum(v)
    return [x / total for x in v] if total > 0 else None


# ---------------------------------------------------------------------------------------- traces

WORDS = {
    "en": "my chest hurts when I walk up the stairs".split(),
    "fr": "j'ai été à l'hôpital où ça fait mal".split(),
    "zh": ["我胸口疼", "走路时", "很难受"],
    "de": "mir ist übel und schwindelig heute früh".split(),
}


def make_text(rng, language):
    words = WORDS[language]
    return " ".join(words[rng.integers(len(words))] for _ in range(rng.integers(3, 6)))


def make_tokens(rng, text):
    """Cuts the text's bytes anywhere; offsets then grow to whole characters, as tokenizers do."""
    raw = text.encode()
    cuts = sorted(set(rng.integers(1, len(raw), size=len(raw) // 3).tolist()))
    starts = [i for i in range(len(raw) + 1) if i == len(raw) or raw[i] & 0xC0 != 0x80]
    spans = []
    for begin, end in zip([0] + cuts, cuts + [len(raw)]):
        spans.append((max(s for s in starts if s <= begin), min(s for s in starts if s >= end)))
    return spans


def make_trace(seed, languages, prompts, grouped, layers, experts, top_k, lean):
    rng = np.random.default_rng(seed)
    trace = {"prompts": [], "tokens": [], "layers": []}
    jobs = [(g, lang) for g in range(max(prompts)) for i, lang in enumerate(languages)
            if g < prompts[i]]
    for g, lang in jobs:
        text = make_text(rng, lang)
        spans = make_tokens(rng, text)
        p = len(trace["prompts"])
        first = len(trace["tokens"])
        rows = [(0, 0, 0, 1)] + [(b, e, 0, 0) for b, e in spans] + [(0, 0, 1, 0), (0, 0, 255, 0)]
        for position, (begin, end, phase, special) in enumerate(rows):
            trace["tokens"].append({"prompt": p, "position": position, "byte_begin": begin,
                                    "byte_end": end, "phase": phase, "special": special})
        trace["prompts"].append({"id": f"p{p}", "text": text, "language": lang,
                                 "group": f"g{g}" if grouped else "",
                                 "domain": ["medical", "daily"][g % 2], "first_token": first,
                                 "token_count": len(rows), "done": 1})
    # A prompt without a language and one that the capture never reached.
    for language, done in (("", 1), (languages[0], 0)):
        p = len(trace["prompts"])
        trace["prompts"].append({"id": f"p{p}", "text": "left out", "language": language,
                                 "group": "", "domain": "", "first_token": len(trace["tokens"]),
                                 "token_count": 2, "done": done})
        for position in range(2):
            trace["tokens"].append({"prompt": p, "position": position,
                                    "byte_begin": 4 * position, "byte_end": 4 * position + 4,
                                    "phase": 0, "special": 0})
    for index in range(layers):
        trace["layers"].append(make_layer(rng, trace, languages, 3 + 2 * index, index, layers,
                                          experts, top_k, lean))
    return trace


def make_layer(rng, trace, languages, layer, index, layers, experts, top_k, lean):
    result = {"layer": layer, "experts": experts, "top_k": top_k, "expert": [], "weight": [],
              "logit": [], "margin": []}
    pull = round(lean(index, layers) * 16) / 16  # exact in single precision
    for row, token in enumerate(trace["tokens"]):
        prompt = trace["prompts"][token["prompt"]]
        logits = np.round(rng.normal(size=experts) * 16) / 16
        if prompt["language"] in languages:
            logits[languages.index(prompt["language"]) % experts] += pull
        order = sorted(range(experts), key=lambda e: (-logits[e], e))
        weights = sorted((rng.integers(1, 64, size=top_k) / 64).tolist(), reverse=True)
        missing = row % 29 == 7 and index % 2 == 1 or token["phase"] == 255
        result["expert"].append([65535] * top_k if missing else order[:top_k])
        result["weight"].append([None] * top_k if missing else weights)
        result["logit"].append([None] * experts if missing else logits.tolist())
        result["margin"].append(None if missing else float(rng.integers(0, 256)) / 256)
    return result


# --------------------------------------------------------------------------------------- sampling


class Sample:
    """Selected tokens of one grouping."""

    def __init__(self, trace, by, include_special=False):
        self.trace = trace
        label = [p[by] for p in trace["prompts"]]
        self.rows = [r for r, t in enumerate(trace["tokens"])
                     if t["phase"] == 0 and (include_special or not t["special"])
                     and trace["prompts"][t["prompt"]]["done"] and label[t["prompt"]]]
        self.prompts = sorted({trace["tokens"][r]["prompt"] for r in self.rows})
        self.labels = sorted({label[p] for p in self.prompts})
        self.label = {p: self.labels.index(label[p]) for p in self.prompts}
        units = {}
        for p in self.prompts:
            group = trace["prompts"][p]["group"]
            units.setdefault(("group", group) if group else ("prompt", p), []).append(p)
        self.units = list(units.values())
        self.crossed = any(len({self.label[p] for p in u}) > 1 for u in self.units)

    def prompt_rows(self, layer, weighting):
        """[prompts] -> [E] sums over the prompt's tokens."""
        sums = {p: np.zeros(layer["experts"]) for p in self.prompts}
        for r in self.rows:
            ids = layer["expert"][r]
            if ids[0] == 65535:
                continue
            p = self.trace["tokens"][r]["prompt"]
            total = sum(layer["weight"][r])
            for rank, (e, w) in enumerate(zip(ids, layer["weight"][r])):
                if weighting == "count":
                    sums[p][e] += 1
                elif weighting == "mass":
                    sums[p][e] += w / total
                elif weighting == "top1" and rank == 0:
                    sums[p][e] += 1
        return sums

    def group_sums(self, sums, label=None):
        label = self.label if label is None else label
        result = [np.zeros(len(next(iter(sums.values())))) for _ in self.labels]
        for p, row in sums.items():
            result[label[p]] = result[label[p]] + row
        return result


def divergence(group_sums):
    shares = [normalised(s.tolist()) for s in group_sums]
    shares = [s for s in shares if s is not None]
    if len(shares) < 2:
        return float("nan")
    mean = [sum(column) / len(shares) for column in zip(*shares)]
    return (entropy(mean) - sum(entropy(s) for s in shares) / len(shares)) / math.log(len(shares))


def without_each_unit(sample, statistic):
    """statistic(prompts kept) for every unit left out, with the unit's stratum."""
    values, strata = [], []
    for unit in sample.units:
        values.append(statistic([p for p in sample.prompts if p not in unit]))
        strata.append(0 if sample.crossed else sample.label[unit[0]])
    return values, strata


def student_t_quantile(p, df):
    cdf = lambda t: 1 - mpmath.betainc(df / mpmath.mpf(2), mpmath.mpf("0.5"), 0,
                                       df / (df + t * t), regularized=True) / 2
    return float(mpmath.findroot(lambda t: cdf(t) - p, 2.2))


def student_t_p(t, df):
    return float(mpmath.betainc(df / mpmath.mpf(2), mpmath.mpf("0.5"), 0, df / (df + t * t),
                                regularized=True))


def jackknife(full, values, strata, level=0.95):
    bias = variance = df = 0.0
    for g in set(strata):
        own = [v for v, s in zip(values, strata) if s == g]
        n, mean = len(own), sum(own) / len(own)
        bias += (n - 1) * (mean - full)
        variance += (n - 1) / n * sum((v - mean) ** 2 for v in own)
        df += n - 1
    corrected = full - bias
    half = student_t_quantile(0.5 + level / 2, df) * math.sqrt(variance)
    return {"v": corrected, "low": corrected - half, "high": corrected + half,
            "p": student_t_p(corrected / math.sqrt(variance), df)}


def every_permutation(sample):
    """Every relabelling under the null, each equally likely."""
    whole = [u for u in sample.units if len({sample.label[p] for p in u}) == 1]
    inside = [u for u in sample.units if len({sample.label[p] for p in u}) > 1]
    choices = [list(itertools.permutations([sample.label[p] for p in u])) for u in inside]
    swaps = list(itertools.permutations([sample.label[u[0]] for u in whole]))
    for combination in itertools.product(swaps, *choices):
        label = {}
        for u, value in zip(whole, combination[0]):
            label.update({p: value for p in u})
        for u, values in zip(inside, combination[1:]):
            label.update(dict(zip(u, values)))
        yield label


def exact_noise_floor(sample, sums):
    groups = len(sample.labels)
    per_language = []
    for g in range(groups):
        prompts = [p for p in sample.prompts if sample.label[p] == g]
        if len(prompts) < 2 * groups:
            continue
        slots = [i % groups for i in range(len(prompts))]
        deals = []
        for deal in sorted(set(itertools.permutations(slots))):
            def value(kept):
                pseudo = [np.zeros(len(sums[prompts[0]])) for _ in range(groups)]
                for p, slot in zip(prompts, deal):
                    if p in kept:
                        pseudo[slot] = pseudo[slot] + sums[p]
                return divergence(pseudo)
            leave = [value([q for q in prompts if q != p]) for p in prompts]
            full = value(prompts)
            bias = 0.0
            for slot in range(groups):
                own = [v for v, s in zip(leave, deal) if s == slot]
                bias += (len(own) - 1) * (sum(own) / len(own) - full)
            deals.append(full - bias)
        per_language.append(deals)
    if not per_language:
        return None
    return {"mean": sum(sum(d) / len(d) for d in per_language) / len(per_language),
            "sd": max(float(np.std(d)) for d in per_language)}


# ---------------------------------------------------------------------------------------- metrics


def gini(values):
    n, mean = len(values), sum(values) / len(values)
    return sum(abs(a - b) for a in values for b in values) / (2 * n * n * mean)


def softmax(z):
    e = [math.exp(x - max(z)) for x in z]
    return [x / sum(e) for x in e]


def layer_expected(sample, layer, weighting):
    experts, k = layer["experts"], layer["top_k"]
    rows = [r for r in sample.rows if layer["expert"][r][0] != 65535]
    group_of = lambda r: sample.label[sample.trace["tokens"][r]["prompt"]]
    tokens = [sum(1 for r in rows if group_of(r) == g) for g in range(len(sample.labels))]
    counts = sample.group_sums(sample.prompt_rows(layer, "count"))
    sums = sample.prompt_rows(layer, weighting)
    weighted = sample.group_sums(sums)
    shares = [normalised(w.tolist()) for w in weighted]
    value = divergence(weighted)
    values, strata = without_each_unit(
        sample, lambda kept: divergence(sample.group_sums({p: sums[p] for p in kept})))
    out = {"layer": layer["layer"], "tokens": tokens, "missing": len(sample.rows) - len(rows),
           "share": shares,
           "ratio": [[x / n for x in c.tolist()] for c, n in zip(counts, tokens)],
           "value": value, "interval": jackknife(value, values, strata),
           "ceiling": min(1, math.log(experts / k) / math.log(len(sample.labels))),
           "top1": divergence(sample.group_sums(sample.prompt_rows(layer, "top1")))}
    out["pairwise"] = [[(entropy([(x + y) / 2 for x, y in zip(a, b)])
                         - (entropy(a) + entropy(b)) / 2) / math.log(2) for b in shares]
                       for a in shares]
    # Mutual information from the joint distribution itself.
    joint = np.array(counts) / np.sum(counts)
    pg, pe = joint.sum(1), joint.sum(0)
    raw = sum(joint[g, e] * math.log(joint[g, e] / (pg[g] * pe[e]))
              for g in range(joint.shape[0]) for e in range(experts) if joint[g, e] > 0)
    used = int((pe > 0).sum())
    corrected = raw - (len(sample.labels) - 1) * (used - k) / (2 * len(rows) * k)
    out["mi"] = {"raw": raw, "value": corrected, "nmi": corrected / entropy(pg.tolist())}
    load = np.sum(counts, axis=0)
    out["load"] = {"cv": float(np.std(load) / np.mean(load)),
                   "max_vio": float(np.max(load) / np.mean(load) - 1), "gini": gini(load.tolist()),
                   "effective": math.exp(entropy((load / load.sum()).tolist())),
                   "dead": int((load == 0).sum())}
    p = [softmax(layer["logit"][r]) for r in rows]
    mean_p = [sum(column) / len(p) for column in zip(*p)]
    mean_h = sum(entropy(q) for q in p) / len(p)
    out["entropy"] = {"usage": entropy(mean_p), "token": mean_h / math.log(experts),
                      "information": entropy(mean_p) - mean_h}
    margins = [layer["margin"][r] for r in rows]
    out["margin"] = {"p05": float(np.quantile(margins, 0.05)),
                     "p50": float(np.quantile(margins, 0.5))}
    null = [sample.group_sums(sums, label) for label in every_permutation(sample)]
    draws = [divergence(s) for s in null]
    out["null"] = {"mean": float(np.mean(draws)), "sd": float(np.std(draws))}
    out["noise_floor"] = exact_noise_floor(sample, sums)
    return out


def verdict_expected(sample, trace, weighting):
    layers = trace["layers"]
    n = len(layers)
    third = n // 3
    windows = {"early": range(0, third), "middle": range(third, n - third),
               "late": range(n - third, n), "last_two": range(n - 2, n)}
    sums = [sample.prompt_rows(layer, weighting) for layer in layers]
    ceilings = [min(1, math.log(l["experts"] / l["top_k"]) / math.log(len(sample.labels)))
                for l in layers]

    def window(name, kept):
        return sum(divergence(sample.group_sums({p: sums[l][p] for p in kept})) / ceilings[l]
                   for l in windows[name]) / len(windows[name])

    def estimate(statistic, level=0.95):
        values, strata = without_each_unit(sample, statistic)
        return jackknife(statistic(sample.prompts), values, strata, level)

    out = {name: estimate(lambda kept: window(name, kept))["v"]
           for name in ("early", "middle", "late")}
    difference = lambda name: lambda kept: window(name, kept) - window("middle", kept)
    out["d_late"] = estimate(difference("late"))
    out["d_early"] = estimate(difference("early"))
    p_late_two = estimate(difference("last_two"))["p"]
    rank = sum(p < p_late_two for p in (out["d_late"]["p"], out["d_early"]["p"]))
    out["late_two"] = estimate(difference("last_two"), 1 - 0.05 / (3 - rank))
    return out


def text_expected(sample):
    """Tokens per word and per character, and byte fragments, per group."""
    result = []
    for g in range(len(sample.labels)):
        words = characters = unspaced = tokens = fragments = 0
        for p in (p for p in sample.prompts if sample.label[p] == g):
            text = sample.trace["prompts"][p]["text"]
            words += len(text.split())
            characters += sum(not c.isspace() for c in text)
            unspaced += sum("\u4e00" <= c <= "\u9fff" for c in text)
            spans = [(t["byte_begin"], t["byte_end"]) for t in sample.trace["tokens"]
                     if t["prompt"] == p and t["phase"] == 0 and not t["special"]]
            tokens += len(spans)
            for i, (b, e) in enumerate(spans):
                others = spans[max(0, i - 1):i] + spans[i + 1:i + 2]
                fragments += any(b < oe and ob < e for ob, oe in others)
        result.append({"fertility": None if 2 * unspaced >= characters else tokens / words,
                       "per_character": tokens / characters, "fragments": fragments / tokens})
    return result


# ---------------------------------------------------------------------------------------- circuit


def kept(rule, amount, mass, ratio):
    if rule == "ratio":
        return [e for e, r in enumerate(ratio) if r >= amount]
    order = sorted(range(len(mass)), key=lambda e: (-mass[e], e))
    total, result = 0.0, []
    for e in order:
        if total >= amount - 1e-9:
            break
        result.append(e)
        total += mass[e]
    return sorted(result)


def circuit_expected(sample, trace, rule, amount, flow):
    layers = trace["layers"]
    rows = [r for r in sample.rows if all(l["expert"][r][0] != 65535 for l in layers)]
    group_of = lambda r: sample.label[trace["tokens"][r]["prompt"]]

    def carried(layer, r):
        if flow == "top1":
            return {layer["expert"][r][0]: 1.0}
        total = sum(layer["weight"][r])
        return {e: w / total for e, w in zip(layer["expert"][r], layer["weight"][r])}

    nodes, links, sharings, keeps = [], [], [], []
    for layer in layers:
        masses, keep = [], []
        for g in range(len(sample.labels)):
            own = [r for r in rows if group_of(r) == g]
            mass = [sum(carried(layer, r).get(e, 0.0) for r in own) / len(own)
                    for e in range(layer["experts"])]
            ratio = [sum(e in layer["expert"][r] for r in own) / len(own)
                     for e in range(layer["experts"])]
            masses.append(mass)
            keep.append(kept(rule, amount, mass, ratio))
        keeps.append(keep)
        for e in range(layer["experts"]):
            groups = {str(g): masses[g][e] for g in range(len(masses)) if e in keep[g]}
            if groups:
                kind = ("shared" if len(groups) == len(masses)
                        else "exclusive" if len(groups) == 1 else "partial")
                nodes.append({"layer": layer["layer"], "expert": e, "kind": kind, "groups": groups})
        rest = {str(g): sum(m for e, m in enumerate(masses[g]) if e not in keep[g])
                for g in range(len(masses))}
        rest = {g: m for g, m in rest.items() if m > 0}
        if rest:
            nodes.append({"layer": layer["layer"], "expert": -1, "kind": "other", "groups": rest})
        distances = [sum(abs(x - y) for x, y in zip(a, b)) / 2
                     for a, b in itertools.combinations(masses, 2)]
        sharings.append(1 - sum(distances) / len(distances))
    for i in range(len(layers) - 1):
        for g in range(len(sample.labels)):
            own = [r for r in rows if group_of(r) == g]
            total = {}
            for r in own:
                for e, w in carried(layers[i], r).items():
                    for f, v in carried(layers[i + 1], r).items():
                        key = (e if e in keeps[i][g] else -1, f if f in keeps[i + 1][g] else -1)
                        total[key] = total.get(key, 0.0) + w * v / len(own)
            links += [{"layer": layers[i]["layer"], "from": e, "to": f, "group": g, "flow": v}
                      for (e, f), v in sorted(total.items())]
    return {"keep": f"{rule}:{amount}", "flow": flow, "nodes": nodes, "links": links,
            "sharing": sharings}


# ------------------------------------------------------------------------------------------ cases


def case(name, trace, by="language", weighting="count", include_special=False, circuits=()):
    sample = Sample(trace, by, include_special)
    return {"name": name, "trace": trace, "by": by, "weighting": weighting,
            "include_special": include_special, "labels": sample.labels,
            "units": len(sample.units), "crossed": sample.crossed,
            "selected": len(sample.rows), "text": text_expected(sample),
            "layers": [layer_expected(sample, layer, weighting) for layer in trace["layers"]],
            "verdict": verdict_expected(sample, trace, weighting) if len(trace["layers"]) >= 6
            else None,
            "circuits": [circuit_expected(sample, trace, *c) for c in circuits]}


def main():
    parallel = make_trace(1, ["en", "fr", "zh"], [4, 4, 4], True, 6, 7, 2,
                          lambda i, n: 3.0 * max(0.0, i / (n - 1) - 0.5))
    nested = make_trace(2, ["de", "en"], [4, 5], False, 7, 5, 1, lambda i, n: 1.0)
    cases = [
        case("parallel prompts by language", parallel,
             circuits=[("mass", 0.5, "mass"), ("ratio", 0.5, "mass"), ("mass", 0.5, "top1")]),
        case("the same by mass, special tokens included", parallel, weighting="mass",
             include_special=True),
        case("parallel prompts by domain, which no translation group mixes", parallel, by="domain"),
        case("prompts without translations", nested),
    ]
    # The traces are stored once.
    traces = {"parallel": parallel, "nested": nested}
    for c in cases:
        c["trace"] = next(name for name, trace in traces.items() if trace is c["trace"])
    json.dump({"numpy": np.__version__, "mpmath": mpmath.__version__, "traces": traces,
               "cases": cases}, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()

"""Writes expected.json: routing rules applied by an independent implementation.

    python make_expected.py FOLDER_OF_ROUTING_RULES_PY > expected.json

routing_rules.py holds the rules of the published families in plain numpy (double precision), checked
against Hugging Face transformers. Logits are drawn with a fixed seed and rounded to four decimals,
which single precision holds to the last of them.
"""
import hashlib
import json
import pathlib
import platform
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))
import routing_rules as rules  # noqa: E402

TOKENS = 8

CONFIGS = {
    "apollo": dict(model_type="upcycling-qwen2-moe", num_experts=12, num_experts_per_tok=2,
                   norm_topk_prob=False, share_flag=False),
    "qwen2_moe, renormalised": dict(model_type="qwen2_moe", num_experts=10, num_experts_per_tok=4,
                                    norm_topk_prob=True),
    "olmoe": dict(model_type="olmoe", num_experts=65, num_experts_per_tok=8, norm_topk_prob=False),
    "mixtral": dict(model_type="mixtral", num_local_experts=8, num_experts_per_tok=2),
    "gpt_oss": dict(model_type="gpt_oss", num_local_experts=32, num_experts_per_tok=4),
    "deepseek_v2, groups": dict(model_type="deepseek_v2", n_routed_experts=32,
                                num_experts_per_tok=6, topk_method="group_limited_greedy",
                                n_group=8, topk_group=3, routed_scaling_factor=16.0),
    "deepseek_v2, all of the kept": dict(model_type="deepseek_v2", n_routed_experts=12,
                                         num_experts_per_tok=4, topk_method="group_limited_greedy",
                                         n_group=6, topk_group=2, routed_scaling_factor=1.0),
    "deepseek_v3": dict(model_type="deepseek_v3", n_routed_experts=32, num_experts_per_tok=4,
                        n_group=8, topk_group=4, norm_topk_prob=True, routed_scaling_factor=2.5),
    "minimax_m2": dict(model_type="minimax_m2", num_local_experts=16, num_experts_per_tok=4),
    "phimoe": dict(model_type="phimoe", num_local_experts=16, num_experts_per_tok=2,
                   router_jitter_noise=0.01),
    "phimoe, wide threshold": dict(model_type="phimoe", num_local_experts=6, num_experts_per_tok=2,
                                   router_jitter_noise=0.2),
    "every expert chosen": dict(model_type="olmoe", num_experts=3, num_experts_per_tok=3,
                                norm_topk_prob=False),
    "one expert": dict(model_type="mixtral", num_local_experts=1, num_experts_per_tok=1),
}


def spec_of(rule):
    """The rule in the words of RouterSpec."""
    order = {"none": "score_then_top_k", "softmax": "top_k_then_softmax",
             "sparsemixer": "sparsemixer"}[rule["after"]]
    return dict(experts=rule["E"], top_k=rule["k"], order=order,
                scoring="none" if rule["score"] == "logits" else rule["score"],
                choice_bias=rule["bias"], groups=rule["n_group"], topk_groups=rule["topk_group"],
                group_score="best_two" if rule["group"] == "top2sum" else "best",
                renormalise=rule["renorm"], scale=rule["scale"], jitter=rule.get("jitter", 0.01))


def case_of(name, config, draw):
    rule = rules.rule_of(config)
    logits = np.round(draw.normal(0, 2, (TOKENS, rule["E"])), 4)
    if name == "apollo":
        logits[0, 7] = logits[0].max()  # a tie for the best place, and one for the last
        logits[1, 3] = logits[1, 5] = np.sort(logits[1])[-2]
    bias = np.round(draw.normal(0, 0.2, rule["E"]), 4) if rule["bias"] else None
    selection, ids, weights = rules.route(logits.astype(np.float32), rule,
                                          None if bias is None else bias.astype(np.float32))
    margin = rules.margin(selection, rule["k"])
    if rule["group"] != "none":
        base = rules.softmax(logits) if rule["score"] == "softmax" else rules.sigmoid(logits)
        margin = np.minimum(margin, rules.group_margin(base if bias is None else base + bias, rule))
    return dict(name=name, spec=spec_of(rule), logits=logits.tolist(),
                bias=[] if bias is None else bias.tolist(), experts=ids.tolist(),
                weights=np.round(weights, 9).tolist(),
                # JSON has no infinity: null where nothing is left to choose from.
                margin=[round(m, 9) if np.isfinite(m) else None for m in margin])


draw = np.random.default_rng(20)
cases = [case_of(name, config, draw) for name, config in CONFIGS.items()]
source = (folder / "routing_rules.py").read_bytes()
print(json.dumps(dict(made_by="make_expected.py",
                      versions=dict(python=platform.python_version(), numpy=np.__version__,
                                    routing_rules_sha256=hashlib.sha256(source).hexdigest()),
                      cases=cases), separators=(",", ":")))

#!/usr/bin/env python3
"""Makes the committed checkpoints and expected arrays of this folder with the reference implementation
(Hugging Face transformers; versions in versions.json).

usage: make.py REFERENCE_SCRIPTS [CASE ...]
REFERENCE_SCRIPTS: the folder with make_tiny.py and expected.py. Each case becomes a folder with a random
checkpoint (checkpoint/), prompts.json (token ids; the prompts are packed into one batch, in order) and
expected.safetensors: what the reference computes in float32 for every prompt alone, rows concatenated.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

# name: (family, overrides, further arguments). Small on purpose; every shape is uneven on purpose.
CASES = {
    "apollo": ("apollo", dict(num_hidden_layers=3, hidden_size=20, num_attention_heads=5, num_key_value_heads=1,
                              intermediate_size=14, num_experts=10, vocab_size=64), []),
    "apollo_shared_f16_shards": ("apollo_shared", dict(num_hidden_layers=2, hidden_size=16, num_attention_heads=2,
                                                       num_key_value_heads=1, intermediate_size=12, num_experts=4,
                                                       num_experts_per_tok=3, vocab_size=40, mlp_only_layers=[]),
                                 ["--dtype", "float16", "--shards", "3", "--no-mlp-only-key"]),
    "olmoe_65_experts_top8": ("olmoe_clip", dict(num_hidden_layers=2, hidden_size=16, num_attention_heads=2,
                                                 num_key_value_heads=2, intermediate_size=6, num_experts=65,
                                                 num_experts_per_tok=8, vocab_size=48),
                              ["--dtype", "bfloat16", "--config-style", "v5"]),
    "olmoe_3_experts_top1": ("olmoe", dict(num_hidden_layers=3, hidden_size=32, num_attention_heads=4,
                                           num_key_value_heads=2, intermediate_size=10, num_experts=3,
                                           num_experts_per_tok=1, vocab_size=40), []),
    "qwen2": ("qwen2", dict(num_hidden_layers=2, hidden_size=24, num_attention_heads=3, num_key_value_heads=1,
                            intermediate_size=36, vocab_size=56), ["--config-style", "v5"]),
    "qwen2_window": ("qwen2", dict(num_hidden_layers=3, hidden_size=16, num_attention_heads=4, num_key_value_heads=2,
                                   intermediate_size=20, vocab_size=40, use_sliding_window=True, sliding_window=4,
                                   max_window_layers=1, tie_word_embeddings=False), []),
    "qwen2_moe": ("qwen2_moe", dict(num_hidden_layers=3, hidden_size=20, num_attention_heads=2, num_key_value_heads=1,
                                    intermediate_size=28, moe_intermediate_size=8, shared_expert_intermediate_size=14,
                                    num_experts=12, num_experts_per_tok=4, vocab_size=48, mlp_only_layers=[0],
                                    norm_topk_prob=True), []),
}
LENGTHS = [7, 1, 12, 5, 5]
KEPT = {"hidden": 1, "logits": 0, "router_logits": 1, "topk_ids": 1, "topk_weights": 1, "margin": 1}  # axis of the tokens


def run(*command):
    subprocess.run([sys.executable, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


def make(name, scripts, here):
    family, overrides, extra = CASES[name]
    folder = here / name
    checkpoint = folder / "checkpoint"
    settings = [f"{k}={json.dumps(v)}" for k, v in overrides.items()]
    run(scripts / "make_tiny.py", family, checkpoint, "--seed", sum(map(ord, name)), *extra, "--set", *settings)
    vocab = overrides["vocab_size"]
    rng = random.Random(name)
    prompts = [[rng.randrange(vocab) for _ in range(n)] for n in LENGTHS]
    (folder / "prompts.json").write_text(json.dumps(prompts) + "\n", encoding="utf-8")
    parts = []
    with tempfile.TemporaryDirectory() as tmp:
        for i, ids in enumerate(prompts):
            out = pathlib.Path(tmp) / f"{i}.npz"
            run(scripts / "expected.py", checkpoint, out, "--ids", ",".join(map(str, ids)), "--lean")
            with np.load(out, allow_pickle=False) as d:
                parts.append({k: d[k] for k in d.files})
    meta = json.loads(str(parts[0]["meta"]))
    arrays = {k: np.concatenate([p[k] for p in parts], axis) for k, axis in KEPT.items() if k in parts[0]}
    if "moe_layers" in parts[0]:
        arrays["moe_layers"] = parts[0]["moe_layers"]
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / "expected.safetensors")
    return meta["versions"]


def main():
    here = pathlib.Path(__file__).resolve().parent
    scripts = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or CASES:
        versions = make(name, scripts, here)
        print(name, sum(f.stat().st_size for f in (here / name).rglob('*')) // 1000, "kB")
    (here / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

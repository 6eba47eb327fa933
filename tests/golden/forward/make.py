#!/usr/bin/env python3
"""Makes the committed checkpoints and expected arrays of this folder with the reference implementation
(Hugging Face transformers; versions in versions.json).

usage: make.py REFERENCE_SCRIPTS [CASE ...]
REFERENCE_SCRIPTS: the folder with make_tiny.py and expected.py. Each case becomes a folder with a random
checkpoint (checkpoint/), prompts.json (token ids; the prompts are packed into one batch, in order) and
expected.safetensors: what the reference computes in float32 for every prompt alone, rows concatenated.
"""
import contextlib
import importlib
import json
import os
import pathlib
import random
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "model" / "parity"))
import parity  # noqa: E402
from cases import MADE_OF  # noqa: E402

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
    "qwen3_moe": ("qwen3_moe", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=2,
                                    head_dim=6, intermediate_size=14, moe_intermediate_size=10, num_experts=6,
                                    num_experts_per_tok=3, mlp_only_layers=[0], vocab_size=40), ["--config-style", "v5"]),
    "mixtral_window": ("mixtral", dict(num_hidden_layers=2, hidden_size=16, num_attention_heads=4, num_key_value_heads=2,
                                       intermediate_size=12, num_local_experts=5, sliding_window=4, vocab_size=40), []),
    "llama_llama3": ("llama", dict(num_hidden_layers=2, hidden_size=24, num_attention_heads=3, num_key_value_heads=1,
                                   head_dim=8, intermediate_size=20, vocab_size=40, attention_bias=True, mlp_bias=True,
                                   rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0,
                                                     high_freq_factor=4.0, original_max_position_embeddings=40)), []),
    "llama_yarn": ("llama", dict(num_hidden_layers=1, hidden_size=24, num_attention_heads=3, num_key_value_heads=3,
                                 head_dim=8, intermediate_size=20, vocab_size=40, max_position_embeddings=32,
                                 rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=8)),
                   ["--config-style", "v5"]),
    "llama_dynamic": ("llama", dict(num_hidden_layers=1, hidden_size=24, num_attention_heads=3, num_key_value_heads=3,
                                    head_dim=8, intermediate_size=20, vocab_size=40, max_position_embeddings=8,
                                    rope_scaling=dict(rope_type="dynamic", factor=3.0)), []),
    "llama_linear": ("llama", dict(num_hidden_layers=1, hidden_size=24, num_attention_heads=3, num_key_value_heads=3,
                                   head_dim=8, intermediate_size=20, vocab_size=40,
                                   rope_scaling=dict(rope_type="linear", factor=2.5)), []),
    "qwen3_window": ("qwen3", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=1,
                                   head_dim=6, intermediate_size=18, vocab_size=40, use_sliding_window=True,
                                   sliding_window=4, max_window_layers=1), []),
    "mistral_window": ("llama", dict(model_type="mistral", architectures=["MistralForCausalLM"], rope_scaling=None,
                                     num_hidden_layers=2, hidden_size=20, num_attention_heads=5, num_key_value_heads=1,
                                     head_dim=4, intermediate_size=18, vocab_size=40, sliding_window=4), []),
    "granitemoe": ("granitemoe", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=5, num_key_value_heads=1,
                                      intermediate_size=10, num_local_experts=6, num_experts_per_tok=3, vocab_size=40),
                   ["--dtype", "bfloat16"]),
    "phimoe": ("phimoe", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=5, num_key_value_heads=1,
                              intermediate_size=10, num_local_experts=6, router_jitter_noise=0.2, vocab_size=40,
                              sliding_window=9), ["--dtype", "bfloat16"]),
    "deepseek_v2": ("deepseek_v2", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=2, num_key_value_heads=2,
                                        kv_lora_rank=10, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8,
                                        intermediate_size=14, moe_intermediate_size=6, n_routed_experts=7,
                                        num_experts_per_tok=3, vocab_size=40), []),
    "deepseek_v2_groups": ("deepseek_v2_group", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=2,
                                                     num_key_value_heads=2, kv_lora_rank=10, q_lora_rank=12,
                                                     qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8,
                                                     intermediate_size=14, moe_intermediate_size=6, n_routed_experts=12,
                                                     n_group=4, topk_group=2, num_experts_per_tok=3, vocab_size=40),
                           ["--dtype", "bfloat16"]),
    "deepseek_v3": ("deepseek_v3", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=2, num_key_value_heads=2,
                                        kv_lora_rank=10, q_lora_rank=12, qk_nope_head_dim=6, qk_rope_head_dim=4,
                                        v_head_dim=8, intermediate_size=14, moe_intermediate_size=6, n_routed_experts=12,
                                        n_group=4, topk_group=2, num_experts_per_tok=3, vocab_size=40),
                    ["--dtype", "bfloat16", "--config-style", "v5"]),
    "glm4_moe": ("glm4_moe", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=2,
                                  head_dim=8, intermediate_size=14, moe_intermediate_size=6, n_routed_experts=9,
                                  num_experts_per_tok=3, vocab_size=40), ["--dtype", "bfloat16"]),
    "minimax_m2": ("minimax_m2", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=2,
                                      head_dim=8, rotary_dim=4, intermediate_size=6, num_local_experts=9,
                                      num_experts_per_tok=3, vocab_size=40), ["--dtype", "bfloat16"]),
    "gpt_oss": ("gpt_oss", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=2,
                                head_dim=8, intermediate_size=10, num_local_experts=5, num_experts_per_tok=3,
                                sliding_window=4, swiglu_limit=0.7, vocab_size=40), ["--dtype", "bfloat16"]),
    "gpt_oss_mxfp4": ("gpt_oss", dict(num_hidden_layers=2, hidden_size=64, num_attention_heads=2, num_key_value_heads=1,
                                      head_dim=8, intermediate_size=32, num_local_experts=3, num_experts_per_tok=2,
                                      sliding_window=4, vocab_size=40), ["--dtype", "bfloat16", "--mxfp4"]),
    "qwen3_next": ("qwen3_next", dict(num_hidden_layers=2, full_attention_interval=2, hidden_size=16, num_attention_heads=2,
                                      num_key_value_heads=1, head_dim=8, linear_key_head_dim=4, linear_value_head_dim=6,
                                      linear_num_key_heads=2, linear_num_value_heads=4, moe_intermediate_size=6,
                                      shared_expert_intermediate_size=10, num_experts=6, num_experts_per_tok=3,
                                      vocab_size=40), ["--dtype", "bfloat16"]),
    "qwen3_5_moe": ("qwen3_5_moe", dict(num_hidden_layers=2, full_attention_interval=2, hidden_size=16, num_attention_heads=2,
                                        num_key_value_heads=1, head_dim=8, linear_key_head_dim=4, linear_value_head_dim=6,
                                        linear_num_key_heads=1, linear_num_value_heads=3, moe_intermediate_size=6,
                                        shared_expert_intermediate_size=10, num_experts=7, num_experts_per_tok=2,
                                        vocab_size=40), ["--dtype", "bfloat16", "--config-style", "v5"]),
    "llama4": ("llama4", dict(num_hidden_layers=3, interleave_moe_layer_step=2, no_rope_layer_interval=3, hidden_size=16,
                              num_attention_heads=4, num_key_value_heads=2, head_dim=4, intermediate_size=6,
                              intermediate_size_mlp=10, num_local_experts=5, num_experts_per_tok=2, attention_chunk_size=5,
                              floor_scale=3, vocab_size=40), ["--dtype", "bfloat16"]),
    "ernie4_5_moe": ("llama", dict(**MADE_OF["ernie4_5_moe"][1], num_hidden_layers=2, hidden_size=16, num_attention_heads=4,
                                   num_key_value_heads=2, head_dim=4, intermediate_size=10, vocab_size=40)
                     | dict(moe_num_experts=6, moe_k=3, moe_intermediate_size=6), ["--dtype", "bfloat16"]),
    "kimi_k2": ("deepseek_v3", dict(num_hidden_layers=2, hidden_size=16, num_attention_heads=2, num_key_value_heads=2,
                                    kv_lora_rank=8, q_lora_rank=10, qk_nope_head_dim=4, qk_rope_head_dim=4, v_head_dim=6,
                                    intermediate_size=10, moe_intermediate_size=6, n_routed_experts=7, n_group=1,
                                    topk_group=1, num_experts_per_tok=3, routed_scaling_factor=2.827, vocab_size=40),
                ["--dtype", "bfloat16"]),
    "gemma": ("gemma", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, head_dim=6, intermediate_size=14,
                            vocab_size=40), ["--dtype", "bfloat16"]),
    "gemma2": ("gemma2", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=4, num_key_value_heads=2,
                              head_dim=6, intermediate_size=14, vocab_size=40, sliding_window=4,
                              attn_logit_softcapping=3.0, final_logit_softcapping=2.0), ["--dtype", "bfloat16"]),
    "phi": ("phi", dict(num_hidden_layers=2, hidden_size=20, num_attention_heads=2, num_key_value_heads=2,
                        intermediate_size=14, vocab_size=40, partial_rotary_factor=0.4, qk_layernorm=True), []),
}
# Published under a name of its own, computed as what it was made of.
RENAMED = {"kimi_k2"}
LENGTHS = [7, 1, 12, 5, 5]
KEPT = {"hidden": 1, "logits": 0, "router_logits": 1, "topk_ids": 1, "topk_weights": 1, "margin": 1}  # axis of the tokens


def run(script, *arguments):
    """The main() of a reference script in this process: importing the library once is enough."""
    argv = sys.argv
    sys.argv = [script, *map(str, arguments)]
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            importlib.import_module(script).main()
    finally:
        sys.argv = argv


def make(name, here):
    family, overrides, extra = CASES[name]
    folder = here / name
    checkpoint = folder / "checkpoint"
    settings = [f"{k}={json.dumps(v)}" for k, v in overrides.items()]
    run("make_tiny", family, checkpoint, "--seed", sum(map(ord, name)), *extra, "--set", *settings)
    vocab = overrides["vocab_size"]
    rng = random.Random(name)
    prompts = [[rng.randrange(vocab) for _ in range(n)] for n in LENGTHS]
    (folder / "prompts.json").write_text(json.dumps(prompts) + "\n", encoding="utf-8")
    parts = []
    with tempfile.TemporaryDirectory() as tmp:
        for i, ids in enumerate(prompts):
            out = pathlib.Path(tmp) / f"{i}.npz"
            run("expected", checkpoint, out, "--ids", ",".join(map(str, ids)), "--lean")
            with np.load(out, allow_pickle=False) as d:
                parts.append({k: d[k] for k in d.files})
    if name in RENAMED:
        config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
        (checkpoint / "config.json").write_text(json.dumps(config | {"model_type": name}, indent=2) + "\n", encoding="utf-8")
    meta = json.loads(str(parts[0]["meta"]))
    arrays = {k: np.concatenate([p[k] for p in parts], axis) for k, axis in KEPT.items() if k in parts[0]}
    if "moe_layers" in parts[0]:
        arrays["moe_layers"] = parts[0]["moe_layers"]
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / "expected.safetensors")
    return meta["versions"]


def main():
    here = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, sys.argv[1])
    parity.teach_rules()
    for name in sys.argv[2:] or CASES:
        versions = make(name, here)
        print(name, sum(f.stat().st_size for f in (here / name).rglob('*')) // 1000, "kB")
    (here / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

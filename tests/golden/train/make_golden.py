#!/usr/bin/env python3
"""Expected gradients and losses of a miniature upcycled model, by the reference implementation.

    python make_golden.py REFERENCE_SCRIPTS [OUT]

REFERENCE_SCRIPTS is the folder of train_reference.py (transformers 5.23.0 on torch 2.11.0 gave the
committed files). Writes checkpoint/, batches.jsonl, gradients-ROUTING.safetensors (of the first batch,
computed in f64, stored in f32) and curve-ROUTING.csv (f32).
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
from safetensors.numpy import save_file

HIDDEN, HEADS, KEY_HEADS, WIDTH, VOCABULARY, LAYERS, EXPERTS = 12, 2, 1, 8, 32, 3, 3
CONFIG = {
    "architectures": ["UpcyclingQwen2MoeForCausalLM"], "model_type": "upcycling-qwen2-moe",
    "hidden_act": "silu", "hidden_size": HIDDEN, "intermediate_size": WIDTH, "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS, "num_key_value_heads": KEY_HEADS, "num_experts": EXPERTS,
    "num_experts_per_tok": 2, "norm_topk_prob": True, "share_flag": False, "mlp_only_layers": [0],
    "decoder_sparse_step": 1, "max_position_embeddings": 64, "rms_norm_eps": 1e-06, "rope_theta": 10000.0,
    "tie_word_embeddings": True, "torch_dtype": "float32", "vocab_size": VOCABULARY,
}


def weights():
    rng = np.random.default_rng(5)
    out = {}

    def linear(name, rows, columns, gain=1.3):
        out[name + ".weight"] = rng.normal(0, gain / columns ** 0.5, (rows, columns)).astype(np.float32)

    def norm(name):
        out[name + ".weight"] = (1 + 0.1 * rng.normal(size=HIDDEN)).astype(np.float32)

    keys = HIDDEN // HEADS * KEY_HEADS
    linear("model.embed_tokens", VOCABULARY, HIDDEN, gain=HIDDEN ** 0.5)
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        norm(prefix + "input_layernorm")
        norm(prefix + "post_attention_layernorm")
        for name, rows in (("q_proj", HIDDEN), ("k_proj", keys), ("v_proj", keys)):
            linear(prefix + "self_attn." + name, rows, HIDDEN)
            out[prefix + f"self_attn.{name}.bias"] = (0.3 * rng.normal(size=rows)).astype(np.float32)
        linear(prefix + "self_attn.o_proj", HIDDEN, HIDDEN)
        parts = [prefix + "mlp."]
        if layer not in CONFIG["mlp_only_layers"]:
            linear(prefix + "mlp.gate", EXPERTS, HIDDEN, gain=2.0)
            parts = [prefix + f"mlp.experts.{e}." for e in range(EXPERTS)]
        for part in parts:
            linear(part + "gate_proj", WIDTH, HIDDEN)
            linear(part + "up_proj", WIDTH, HIDDEN)
            linear(part + "down_proj", HIDDEN, WIDTH)
    norm("model.norm")
    return out


def main():
    scripts = pathlib.Path(sys.argv[1])
    here = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent)
    checkpoint = here / "checkpoint"
    checkpoint.mkdir(parents=True, exist_ok=True)
    (checkpoint / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    save_file(weights(), checkpoint / "model.safetensors", metadata={"format": "pt"})
    reference = [sys.executable, str(scripts / "train_reference.py"), str(checkpoint), "--threads", "1"]
    batches = here / "batches.jsonl"
    subprocess.run(reference + ["--steps", "10", "--batch", "3", "--length", "9", "--lr", "0.01",
                                "--write-batches", str(batches), "--curve", str(here / "curve-hybrid-k.csv")],
                   check=True)
    for routing in ("top-k", "hybrid-k", "lang-spec"):
        grad = here / "grad.npz"
        subprocess.run(reference + ["--routing", routing, "--dtype", "float64", "--batches", str(batches),
                                    "--grad", str(grad)], check=True)
        with np.load(grad) as arrays:
            tensors = {n: arrays[n].astype(np.float32) for n in arrays.files if n.startswith("model.")}
            tensors["loss"] = np.array([arrays["loss"]])
        save_file(tensors, here / f"gradients-{routing}.safetensors")
        grad.unlink()


if __name__ == "__main__":
    main()

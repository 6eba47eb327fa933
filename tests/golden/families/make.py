#!/usr/bin/env python3
"""Makes expected.safetensors: what the reference implementation (Hugging Face transformers 5.23) computes in float32 for the
configs in configs.json, with weights that follow from their names (formula.h says the same in C++).

usage: make.py
"""
import json
import pathlib
import tempfile

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
PROMPTS = [[3, 7, 1, 11, 0, 5, 8], [9, 2]]


def weight(name, shape):
    h = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            h = (h ^ np.uint32(byte)) * np.uint32(16777619)
        x = h + np.arange(np.prod(shape, dtype=np.int64), dtype=np.uint32) * np.uint32(2654435761)
        for shift, factor in ((15, 2246822519), (13, 3266489917)):
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        x ^= x >> np.uint32(16)
    unit = x.astype(np.float64) / 2**31 - 1
    if name.endswith("bias"):
        unit *= 0.1
    elif "norm" in name:
        unit = 1 + 0.1 * unit
    else:
        unit *= 1.7 / np.sqrt(shape[-1])
    return unit.astype(np.float32).reshape(shape)


def load(config):
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32).save_pretrained(folder)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        shapes = {k: v.shape for k, v in load_file(folder / "model.safetensors").items()}
        save_file({k: weight(k, s) for k, s in shapes.items()}, folder / "model.safetensors", metadata={"format": "pt"})
        model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                           experts_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return model.eval()


def run(model, ids):
    states, chosen = [], []

    def on_layer(module, args, kwargs, out):
        if not states:
            states.append(args[0] if args else kwargs["hidden_states"])
        states.append(out[0] if isinstance(out, tuple) else out)

    def on_experts(module, args, kwargs):
        chosen.append((args[1], args[2]))

    hooks = [layer.register_forward_hook(on_layer, with_kwargs=True) for layer in model.model.layers]
    hooks += [m.register_forward_pre_hook(on_experts, with_kwargs=True)
              for name, m in model.named_modules() if name.endswith(".experts")]
    logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
    for hook in hooks:
        hook.remove()
    result = {"hidden": torch.cat(states), "logits": logits}
    if chosen:
        result |= {"topk_ids": torch.stack([c[0] for c in chosen]), "topk_weights": torch.stack([c[1] for c in chosen])}
    return {k: v.numpy() for k, v in result.items()}


def main():
    torch.set_grad_enabled(False)
    arrays = {}
    for name, config in json.loads((HERE / "configs.json").read_text(encoding="utf-8")).items():
        parts = [run(load(config), ids) for ids in PROMPTS]
        for array in parts[0]:
            arrays[f"{name}.{array}"] = np.ascontiguousarray(
                np.concatenate([p[array] for p in parts], 0 if array == "logits" else 1))
    save_file(arrays, HERE / "expected.safetensors")


if __name__ == "__main__":
    main()

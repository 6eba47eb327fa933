"""Pickled checkpoints and LoRA adapters as torch and PEFT write them, and what these libraries make of
them. Writes beside itself; needs torch, transformers, safetensors and peft.

    python tests/golden/convert/make.py
"""
import json
import shutil
from collections import OrderedDict
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, Qwen2MoeConfig

HERE = Path(__file__).parent
SMALL = dict(vocab_size=24, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
             num_key_value_heads=1, max_position_embeddings=64)


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def draw(*shape, dtype=torch.float32):
    return torch.randn(*shape).to(dtype)


def write_config(folder, **more):
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2", **SMALL, **more}) + "\n")


def pickled():
    """Every dtype, strides, a shared storage, a parameter, tied heads, entries that are no tensor."""
    folder = fresh("pickled")
    shared = draw(6, 4)
    embedding = draw(24, 8, dtype=torch.bfloat16)
    tensors = OrderedDict(
        {
            "model.embed_tokens.weight": embedding,
            "lm_head.weight": embedding,
            "half": draw(3, dtype=torch.float16),
            "double": draw(2, 2, dtype=torch.float64),
            "whole": torch.arange(-3, 300, 60),
            "byte": torch.tensor([1, 2, 255], dtype=torch.uint8),
            "flags": torch.tensor([True, False]),
            "transposed": draw(3, 5).t(),
            "rows": shared[2:5],
            "columns": shared[:, 1:3],
            "parameter": torch.nn.Parameter(draw(4)),
            "single": torch.tensor(2.5),
            "empty": torch.empty(0, 3),
        }
    )
    tensors._metadata = {"": {"version": 1}}
    torch.save(tensors, folder / "pytorch_model.bin")
    torch.save(tensors, HERE / "legacy.bin", _use_new_zipfile_serialization=False)
    save_file({n: t.detach().clone().contiguous() for n, t in tensors.items() if n != "lm_head.weight"},
              folder / "expected.tensors")
    write_config(folder, tie_word_embeddings=True)


def sharded():
    folder = fresh("sharded")
    parts = [{"a": draw(2, 3), "b": draw(4)}, {"c": draw(1, 2)}]
    names = [f"pytorch_model-0000{i + 1}-of-00002.bin" for i in range(2)]
    for name, part in zip(names, parts):
        torch.save({"state_dict": part, "epoch": 3, "loss": 0.25}, folder / name)
    index = {"weight_map": {t: n for n, part in zip(names, parts) for t in part}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    save_file({n: t for part in parts for n, t in part.items()}, folder / "expected.tensors")
    write_config(folder)


def adapted(name, **options):
    """An adapter for attention, router, fused experts, embeddings and the whole head."""
    folder = fresh(name)
    config = Qwen2MoeConfig(**SMALL, intermediate_size=12, moe_intermediate_size=6,
                            shared_expert_intermediate_size=10, num_experts=3, num_experts_per_tok=2,
                            decoder_sparse_step=1, tie_word_embeddings=False)
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.save_pretrained(folder / "base")
    tuned = get_peft_model(model, LoraConfig(
        r=2, lora_alpha=5, target_modules=["q_proj", "o_proj", "embed_tokens", "up_proj"],
        target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj", "mlp.gate.weight"],
        modules_to_save=["lm_head"], **options))
    for key, parameter in tuned.named_parameters():
        if "lora_" in key or "modules_to_save" in key:
            parameter.data = draw(*parameter.shape) / 3
    tuned.save_pretrained(folder / "adapter", save_embedding_layers=False)
    tuned.merge_and_unload().save_pretrained(folder / "merged")
    (folder / "merged" / "model.safetensors").rename(folder / "expected.tensors")
    shutil.rmtree(folder / "merged")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    (folder / "base" / "generation_config.json").unlink(missing_ok=True)


torch.manual_seed(1)
pickled()
sharded()
adapted("adapted", alpha_pattern={"self_attn.o_proj": 9})
adapted("adapted_rslora", use_rslora=True)

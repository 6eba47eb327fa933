#!/usr/bin/env python3
"""Expected log-likelihoods of continuations and texts, by the reference implementation.

usage: make.py REFERENCE_SCRIPTS
REFERENCE_SCRIPTS: the folder with make_tiny.py and reference.py (transformers 5.23.0 on torch 2.11.0 and
tokenizers 0.23.3 gave the committed files). Writes checkpoint/ (random weights, its own byte-level BPE) and
expected.json: for every prompt and continuation the tokens that the continuation takes and -log p of them, and
for every text -log p in windows; each prompt with each continuation is run alone. Greedy answers: 8 tokens, the
end-of-text token never chosen.
"""
import json
import pathlib
import subprocess
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SAMPLE = ["Question: Where does it hurt?\nAnswer: In the chest.", "Topic: health", "Topic: science/technology",
          "Wo tut es weh? In der Brust.", "ما هو؟"]
CASES = [
    {"language": "en", "prompt": "Question: Where does it hurt?\nAnswer:",
     "continuations": [" In the chest.", " In the arm, at night.", " Nowhere", " B"]},
    {"language": "de", "prompt": "Wo tut es weh?\nTopic:",
     "continuations": [" health", " science/technology", " travel"]},
    # The continuations do not begin at a token of their own: 'hurt' grows into the prompt's last word.
    {"language": "en", "prompt": "Where does it hu", "continuations": ["rt?", "m."]},
    {"language": "ar", "prompt": "ما", "continuations": [" هو؟", " هو"]},
]
TEXTS = [["en", "Where does it hurt? In the chest, at night."], ["en", "It hurts."],
         ["de", "Wo tut es weh? In der Brust."]]
WINDOW = 16


def make_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=299, special_tokens=[], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SAMPLE * 3, trainer)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "<|endoftext|>"}), encoding="utf-8")
    return tokenizer


def nats(model, ids, scored_from):
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids])).logits[0].double()
    losses = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:]), reduction="none")
    return losses[scored_from - 1:].sum().item()


def continuation(model, tokenizer, prompt, text):
    encoding = tokenizer.encode(prompt + text)
    # Offsets count characters.
    scored_from = next(i for i, (_, end) in enumerate(encoding.offsets) if end > len(prompt))
    return {"tokens": len(encoding.ids) - scored_from, "nats": nats(model, encoding.ids, scored_from)}


def text_case(model, tokenizer, language, text):
    ids = tokenizer.encode(text).ids + [tokenizer.token_to_id("<|endoftext|>")]
    total = 0.0
    for first in range(0, len(ids) - 1, WINDOW):
        total += nats(model, ids[first:first + WINDOW + 1], 1)
    return {"language": language, "text": text, "tokens": len(ids) - 1, "nats": total}


def greedy(model, tokenizer, prompt, new_tokens):
    """The bytes of a greedy answer; without a token that ends it."""
    ids = tokenizer.encode(prompt).ids
    alphabet = {c: b for b, c in bytes_to_characters().items()}
    answer = b""
    for _ in range(new_tokens):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
        logits[tokenizer.token_to_id("<|endoftext|>")] = -torch.inf
        ids.append(int(logits.argmax()))
        answer += bytes(alphabet[c] for c in tokenizer.id_to_token(ids[-1]))
    return {"prompt": prompt, "new_tokens": new_tokens, "answer_hex": answer.hex()}


def bytes_to_characters():
    """The byte alphabet of GPT-2: printable bytes stand for themselves, the others follow from U+0100."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xa1, 0xac + 1), *range(0xae, 0xff + 1)]
    others = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(others)}


def main():
    here = pathlib.Path(__file__).resolve().parent
    scripts = pathlib.Path(sys.argv[1])
    checkpoint = here / "checkpoint"
    settings = dict(num_hidden_layers=3, hidden_size=20, num_attention_heads=5, num_key_value_heads=1,
                    intermediate_size=14, num_experts=4, vocab_size=300)
    subprocess.run([sys.executable, scripts / "make_tiny.py", "apollo", checkpoint, "--seed", "11", "--ties", "none",
                    "--set", *[f"{k}={v}" for k, v in settings.items()]], check=True, stdout=subprocess.DEVNULL)
    tokenizer = make_tokenizer(checkpoint)
    sys.path.insert(0, str(scripts))
    import reference
    reference.quiet()
    model, _ = reference.load_model(str(checkpoint))
    cases = [{**case, "expected": [continuation(model, tokenizer, case["prompt"], c) for c in case["continuations"]]}
             for case in CASES]
    # Every text alone: the order of texts in a window is the program's own affair.
    texts = [text_case(model, tokenizer, language, text) for language, text in TEXTS]
    answers = [greedy(model, tokenizer, prompt, 8) for prompt in ("Where does it hurt?", "Wo?")]
    expected = {"continuations": cases, "window": WINDOW, "texts": texts, "greedy": answers}
    (here / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

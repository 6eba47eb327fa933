#!/usr/bin/env python3
"""Writes the expected values beside this script: what the reference libraries make of a few texts
with small tokenizers that between them use every stage. Needs the packages named in `versions`.

variants.json       tokenizer.json definitions; models are stored once, a definition names its own
sentencepiece.json  model files, in hexadecimal
tiktoken.json       one file under several encodings
"""
import base64
import json
import os
import sys
import tempfile
import unicodedata
from importlib.metadata import version

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tokenizer"))
from compare_with_reference import (composes, expected, fuzz_texts, load_reference,  # noqa: E402
                                    sentencepiece_reference, tiktoken_reference)
from reference_variants import TIKTOKEN_PATTERNS, byte_level_model, definitions  # noqa: E402
from sentencepiece_variants import small_models  # noqa: E402

FIXED = ["", "The patient's fever didn't fall; we'll give 500 mg twice a day.",
         "e\u0301a na\u00efve \u1112\u1161\u11ab <|left|> word<b><i>  x   \u533b\u751f\u8bf4\n\n"]


def write(name, content):
    packages = ("tokenizers", "sentencepiece", "tiktoken")
    versions = {package: version(package) for package in packages}
    versions.update(python=sys.version.split()[0], unicodedata=unicodedata.unidata_version)
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump({"versions": versions, **content}, f, separators=(",", ":"), ensure_ascii=False)


def plain_texts(reference, texts):
    rows = ((text, *reference(text, False)) for text in texts)
    return [{"text": t, "ids": ids, "begin": b, "end": e} for t, ids, b, e in rows]


def make_variants():
    models, cases = [], []
    for number, (name, definition) in enumerate(definitions()):
        tokenizer = load_reference(definition)
        added = [t["content"] for t in definition["added_tokens"]]
        texts = []
        for text in FIXED + fuzz_texts(3, 1000 + number, added):
            bare = expected(tokenizer, text, False, composes(definition))
            framed = expected(tokenizer, text, True, composes(definition))
            if bare is None:
                continue
            texts.append({"text": text, "ids": bare[0], "begin": bare[1], "end": bare[2],
                          "framed": framed[0],
                          "decoded": tokenizer.decode(bare[0], skip_special_tokens=False)})
        model = definition.pop("model")
        if model not in models:
            models.append(model)
        definition["model"] = models.index(model)
        cases.append({"name": name, "definition": definition, "texts": texts})
    write("variants.json", {"models": models, "cases": cases})


def make_sentencepiece():
    extra = ["\uff21\u00df\u3000\u2460 e\u0301 so\u00adft", "  two  spaces  ", "<def>fe x"]
    cases = []
    for number, (name, model) in enumerate(small_models()):
        texts = FIXED + extra + fuzz_texts(8, 2000 + number, ["<def>", "<s>"])
        cases.append({"name": name, "model": model.hex(),
                      "texts": plain_texts(sentencepiece_reference(model), texts)})
    write("sentencepiece.json", {"cases": cases})


def make_tiktoken():
    alphabet = {}
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    for byte in plain:
        alphabet[chr(byte)] = byte
    for place, byte in enumerate(b for b in range(256) if b not in plain):
        alphabet[chr(0x100 + place)] = byte
    lines = [(rank, bytes(alphabet[c] for c in token))
             for token, rank in byte_level_model()["vocab"].items()]
    content = "".join(f"{base64.b64encode(token).decode()} {rank}\n" for rank, token in sorted(lines))
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "small.tiktoken")
        with open(path, "w", encoding="ascii") as f:
            f.write(content)
        for number, (name, pattern) in enumerate(TIKTOKEN_PATTERNS.items()):
            texts = FIXED + fuzz_texts(12, 3000 + number, [])
            cases.append({"name": name,
                          "texts": plain_texts(tiktoken_reference(path, pattern), texts)})
    write("tiktoken.json", {"file": content, "cases": cases})


if __name__ == "__main__":
    make_variants()
    make_sentencepiece()
    make_tiktoken()

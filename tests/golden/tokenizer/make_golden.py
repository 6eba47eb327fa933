#!/usr/bin/env python3
"""Writes variants.json beside this script: what the reference library makes of a few texts with
small tokenizers that between them use every stage. Needs the packages named in `versions`.

Models are stored once; a definition names the one it uses.
"""
import json
import os
import sys
import unicodedata
from importlib.metadata import version

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tokenizer"))
from compare_with_reference import composes, expected, fuzz_texts, load_reference  # noqa: E402
from reference_variants import definitions  # noqa: E402

FIXED = ["", "The patient's fever didn't fall; we'll give 500 mg twice a day.",
         "e\u0301a na\u00efve \u1112\u1161\u11ab <|left|> word<b><i>  x   \u533b\u751f\u8bf4\n\n"]


def main():
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
    versions = {"tokenizers": version("tokenizers"), "python": sys.version.split()[0],
                "unicodedata": unicodedata.unidata_version}
    with open(os.path.join(HERE, "variants.json"), "w", encoding="utf-8") as f:
        json.dump({"versions": versions, "models": models, "cases": cases}, f,
                  separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()

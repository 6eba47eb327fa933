#!/usr/bin/env python3
"""Token ids and byte offsets of a program against the reference library (`tokenizers`).

usage: compare_with_reference.py PROGRAM TOKENIZER_FOLDER [--text PATH ...] [--fuzz N] [--seed S]
                                 [--variants] [--sentencepiece-variants] [--special] [--limit N]

PROGRAM is `alluvium` or `alluvium_tokenizer_tool`; both know `tokenize FOLDER --file F.jsonl`.
--text takes files and folders, every line is one text and every file one more; --fuzz makes N
texts of every Unicode block, lone and stacked combining marks, emoji sequences, all kinds of white
space and look-alikes of the added tokens. --variants also compares generated definitions that use
every stage, one after the other, on the same texts. Exit code 1 where anything differs.

A folder with a tokenizer.model is compared with the `sentencepiece` package, one with a .tiktoken
file with the `tiktoken` package.

Offsets follow the reference with trim_offsets off, characters mapped to bytes, and one rule beyond
it: bytes of a mark that Unicode normalisation swallowed belong to the character before it, where
the reference gives them to no token.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import Tokenizer


def load_reference(definition):
    """The reference for the content of a tokenizer.json."""
    definition = json.loads(json.dumps(definition))
    processors = [definition.get("post_processor") or {}]
    while processors:
        processor = processors.pop()
        processors += processor.get("processors", [])
        if "trim_offsets" in processor:
            processor["trim_offsets"] = False
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def json_reference(definition):
    tokenizer, rule = load_reference(definition), composes(definition)
    return lambda text, special: expected(tokenizer, text, special, rule)


def sentencepiece_reference(model):
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)

    def encode(text, _):
        pieces = list(processor.encode(text, return_type="proto").pieces)
        ids = [p.id for p in pieces]
        spans = [[p.begin, p.end] for p in pieces]
        # Of the bytes of a character only the last has its place: here all of them cover it.
        for i in reversed(range(len(pieces) - 1)):
            if processor.is_byte(ids[i + 1]) and 0x80 <= int(pieces[i + 1].piece[3:5], 16) < 0xC0:
                spans[i] = spans[i + 1]
        return ids, [b for b, _ in spans], [e for _, e in spans]
    return encode


def tiktoken_reference(path, pattern):
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe
    encoding = tiktoken.Encoding("reference", pat_str=pattern, special_tokens={},
                                 mergeable_ranks=load_tiktoken_bpe(path))

    def encode(text, _):
        ids, raw = encoding.encode_ordinary(text), text.encode()
        begin, end, at = [], [], 0
        for token in ids:
            first, last = at, at + len(encoding.decode_single_token_bytes(token))
            at = last
            while first > 0 and raw[first] & 0xC0 == 0x80:
                first -= 1
            while last < len(raw) and raw[last] & 0xC0 == 0x80:
                last += 1
            begin.append(first)
            end.append(last)
        return ids, begin, end
    return encode


def swallowed(gap):
    """How many characters at the start of a hole between tokens composition can have removed."""
    for i, c in enumerate(gap):
        mark = unicodedata.combining(c) or unicodedata.category(c).startswith("M")
        if not mark and not 0x1160 <= ord(c) <= 0x11FF:
            return i
    return len(gap)


def expected(tokenizer, text, special, composes):
    try:
        encoding = tokenizer.encode(text, add_special_tokens=special)
    except BaseException as failure:  # a panic of the reference is no Exception
        if type(failure).__name__ != "PanicException":
            raise
        return None
    at = [0]
    for c in text:
        at.append(at[-1] + len(c.encode("utf-8")))
    spans = [list(o) for o in encoding.offsets]
    if composes:
        real = [span for span, mask in zip(spans, encoding.special_tokens_mask)
                if not mask or span != [0, 0]]
        closed = {}
        for span, after in zip(real, real[1:] + [[len(text), len(text)]]):
            if span[1] < after[0]:
                closed[span[1]] = span[1] + swallowed(text[span[1]:after[0]])
        for span in real:
            span[1] = closed.get(span[1], span[1])
    return encoding.ids, [at[b] for b, _ in spans], [at[e] for _, e in spans]


def composes(definition):
    text = json.dumps(definition.get("normalizer"))
    return '"NFC"' in text or '"NFKC"' in text


def compare(program, folder, reference, texts, special, limit):
    """Prints what differs; returns (texts, differences)."""
    wrong = panics = 0
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "texts.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            for text in texts:
                f.write(json.dumps({"text": text, "language": "xx"}) + "\n")
        command = [program, "tokenize", folder, "--file", path,
                   "--add-bos", "auto" if special else "no"]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    if len(out) != len(texts):
        print(f"{len(texts)} texts, but {len(out)} lines of output")
        return len(texts), len(texts)
    for text, line in zip(texts, out):
        found = json.loads(line)
        wanted = reference(text, special)
        if wanted is None:
            panics += 1
            continue
        ids, begin, end = wanted
        if (found["ids"], found["begin"], found["end"]) == (ids, begin, end):
            continue
        wrong += 1
        if wrong <= limit:
            show_difference(text, found, {"ids": ids, "begin": begin, "end": end})
    if panics:
        print(f"  the reference itself fails on {panics} texts")
    return len(texts), wrong


def show_difference(text, found, wanted):
    for key in ("ids", "begin", "end"):
        pairs = zip(found[key] + [None], wanted[key] + [None])
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        if first is None:
            continue
        where = wanted["begin"][first] if first < len(wanted["begin"]) else 0
        around = text.encode()[max(0, where - 20):where + 40].decode("utf-8", "replace")
        print(f"  {key}[{first}]: found {found[key][first:first + 6]}, "
              f"expected {wanted[key][first:first + 6]} near {around!a}")
        return


def texts_of(paths):
    files = []
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                files += [os.path.join(folder, name) for name in sorted(names)]
        else:
            files.append(path)
    texts = []
    for path in files:
        with open(path, "rb") as f:
            raw = f.read()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        texts += text.split("\n")
        texts.append(text[:200000])
    return texts


def fuzz_texts(count, seed, added):
    """Texts of a few pieces, each piece of its own kind."""
    rng = random.Random(seed)
    blocks = [b for b in range(0, 0x110000, 0x80) if not 0xD800 <= b < 0xE000]
    early = [b for b in blocks if b < 0x20000]
    marks = [c for c in range(0x110000)
             if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)).startswith("M")]
    changing = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000
                and unicodedata.normalize("NFKD", chr(c)) != chr(c)]
    spaces = "  \t\n\r\v\f\x85\xa0\u1680\u2000\u2009\u200b\u2028\u2029\u202f\u205f\u3000\u180e\ufeff"
    emoji = ["\U0001F468\u200d\U0001F469\u200d\U0001F467", "\U0001F1E9\U0001F1EA", "\u2764\ufe0f",
             "\U0001F44D\U0001F3FD", "\u0031\ufe0f\u20e3", "\U0001F3F4\U000E0067\U000E007F"]
    words = ["don't", "I'LL", "we've", "'s", "'\u017f", "na\u00efve", "co\u0308operate", "2024",
             "3.14", "x=1;", "...", "http://a.b/c?d=e", "\u1112\u1161\u11ab", "\uac00\u11a8",
             "a\u0323\u0302", "q\u0307\u0323", "\u00e9\u0323", "\u0958", "\u0915\u093c"]
    def piece():
        kind = rng.randrange(12)
        if kind == 0:
            base = rng.choice(blocks)
            return "".join(chr(base + rng.randrange(0x80)) for _ in range(rng.randrange(1, 8)))
        if kind in (1, 2):
            base = rng.choice(early)
            return "".join(chr(base + rng.randrange(0x80)) for _ in range(rng.randrange(1, 12)))
        if kind == 3:
            return "".join(chr(rng.choice(marks)) for _ in range(rng.randrange(1, 5)))
        if kind == 4:
            return rng.choice("aeiouAEIOUnq\u00e9\u1ea1\u03b1\u0915\u3046") + "".join(
                chr(rng.choice(marks)) for _ in range(rng.randrange(1, 4)))
        if kind == 5:
            return "".join(rng.choice(spaces) for _ in range(rng.randrange(1, 9)))
        if kind == 6:
            return rng.choice(emoji)
        if kind == 7:
            return rng.choice(words)
        if kind == 8 and added:
            token = rng.choice(added)
            cut = rng.randrange(len(token) + 1)
            return rng.choice([token, token, token + token, " " + token + " ", token[:cut],
                               token[cut:], token[:cut] + " " + token[cut:], token.upper(),
                               "a" + token + "b"])
        if kind == 9:
            return chr(rng.choice(changing))
        if kind == 10:
            return "".join(rng.choice("abcXYZ0123 .,'\n") for _ in range(rng.randrange(1, 20)))
        return rng.choice("ab1 .\n") * rng.randrange(1, 40)
    def text():
        joined = "".join(piece() for _ in range(rng.randrange(1, 9)))
        return "".join(c for c in joined if not 0xD800 <= ord(c) < 0xE000)
    return [text() for _ in range(count)]


def variants():
    """(name, file name, its content, reference, added tokens) of small generated tokenizers."""
    from reference_variants import definitions
    for name, definition in definitions():
        yield (name, "tokenizer.json", json.dumps(definition).encode(), json_reference(definition),
               [t["content"] for t in definition["added_tokens"]])


def sentencepiece_variants():
    from sentencepiece_variants import models
    for name, model in models():
        yield name, "tokenizer.model", model, sentencepiece_reference(model), ["<def>", "<s>"]


def reference_of(folder):
    """(reference, added tokens) of a folder."""
    path = os.path.join(folder, "tokenizer.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            definition = json.load(f)
        return json_reference(definition), [t["content"] for t in definition["added_tokens"]]
    path = os.path.join(folder, "tokenizer.model")
    if os.path.exists(path):
        with open(path, "rb") as f:
            return sentencepiece_reference(f.read()), ["<s>", "[INST]"]
    from reference_variants import TIKTOKEN_PATTERNS
    name = next(n for n in os.listdir(folder) if n.endswith(".tiktoken"))
    pattern = TIKTOKEN_PATTERNS[name.split("_")[0].split(".")[0]]
    return tiktoken_reference(os.path.join(folder, name), pattern), []


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("program")
    ap.add_argument("tokenizer")
    ap.add_argument("--text", nargs="*", default=[])
    ap.add_argument("--fuzz", type=int, default=0)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--variants", action="store_true")
    ap.add_argument("--sentencepiece-variants", action="store_true")
    ap.add_argument("--special", action="store_true")
    ap.add_argument("--limit", type=int, default=5)
    a = ap.parse_args()
    texts = texts_of(a.text)
    cases = []
    if a.variants:
        cases = list(variants())
    elif a.sentencepiece_variants:
        cases = list(sentencepiece_variants())
    failed = False
    for name, file, content, reference, added in cases:
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, file), "wb") as f:
                f.write(content)
            total, wrong = compare(a.program, folder, reference,
                                   texts + fuzz_texts(a.fuzz, a.seed, added), a.special, a.limit)
        print(f"{name}: {total} texts, {wrong} differ")
        failed = failed or wrong > 0
    if not cases:
        reference, added = reference_of(a.tokenizer)
        total, wrong = compare(a.program, a.tokenizer, reference,
                               texts + fuzz_texts(a.fuzz, a.seed, added), a.special, a.limit)
        print(f"{os.path.basename(os.path.normpath(a.tokenizer))}: {total} texts, {wrong} differ")
        failed = wrong > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

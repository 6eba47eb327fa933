"""Small tokenizer definitions that between them use every stage and option that alluvium supports.

The vocabularies are trained here by the reference library, on the sentences below.
"""
import json

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

SENTENCES = [
    "The patient's fever didn't fall; we'll give 500 mg twice a day, won't we? It's 38.5 degrees.",
    "Le m\u00e9decin a trouv\u00e9 l'h\u00f4pital ferm\u00e9, na\u00efvet\u00e9 d'\u00e9t\u00e9.",
    "\u0412\u0440\u0430\u0447 \u0441\u043a\u0430\u0437\u0430\u043b \u043f\u0430\u0446\u0438\u0435"
    "\u043d\u0442\u0443 \u043f\u0438\u0442\u044c \u0432\u043e\u0434\u0443.",
    "\u533b\u751f\u8bf4\u75c5\u4eba\u9700\u8981\u4f11\u606f\u3002\u533b\u751f\u548c\u75c5\u4eba\u3002",
    "\u0921\u0949\u0915\u094d\u091f\u0930 \u0928\u0947 \u0926\u0935\u093e \u0926\u0940\u0964",
    "\u0627\u0644\u0637\u0628\u064a\u0628 \u0642\u0627\u0644 \u0627\u0634\u0631\u0628 \u0627\u0644"
    "\u0645\u0627\u0621", "def f(x):\n    return x  + 1\n\n\n", "aaa bbb ccc aa bb cc a b c " * 3,
]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++"
          r"[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}"
         r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = [r"[\r\n]", r"\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\uff21-\uff3a]+",
            r"\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", r"\s+$",
            r"[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"]
DEEPSEEK3 = [r"\p{N}{1,3}", r"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
             r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
KIMI = (r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PATTERNS = [r"\w+", r"\W+", r"\d", r"\D+", r"\s", r"\S+", r"\h+", r"\H+", r"[\w&&[^a-f]]+",
            r"[^\w\s]+", r"[[:alpha:]]+", r"[[:punct:]]", r"[[:^digit:]]+", r"\p{^L}+", r"\P{N}+",
            r"\bt\w*", r"\d{2}+", r"\d{2}?", r"a{,2}", r"(?<=a)b|c(?=a)", r"^a|b$", r".+", r"x*",
            r"(?i)THE|it", r"[\p{L}&&\p{Latin}]+", r"[^\P{L}a]+", r"\p{Cn}", r"\p{C}+", r"\p{Mn}+",
            r"\p{Mc}", r"\p{Alphabetic}+", r"\R", r"\x{e9}|\u00ef", r"(?:ab?|c)+?b", r"\p{Han}+",
            r"[\p{Lu}\p{Lt}]", r"\p{Zs}+", r"\p{Sc}|\p{Sm}|\p{So}|\p{Sk}", r"\p{Nl}|\p{No}",
            r"\p{Pd}|\p{Po}|\p{Ps}|\p{Pe}|\p{Pi}|\p{Pf}|\p{Pc}", r"\p{Cf}|\p{Cc}|\p{Co}", r"\p{Me}"]


# As the tiktoken package publishes them.
TIKTOKEN_PATTERNS = {
    "r50k": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
              r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k": O200K}


def byte_level_model():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=480, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return json.loads(tokenizer.to_str())["model"]


def character_model(byte_fallback, **options):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokens = ["<unk>"] + [f"<0x{b:02X}>" for b in range(256 if byte_fallback else 0)]
    trainer = trainers.BpeTrainer(vocab_size=420 + len(tokens), show_progress=False,
                                  special_tokens=tokens)
    tokenizer.train_from_iterator([" " + s for s in SENTENCES], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    model.update(byte_fallback=byte_fallback, **options)
    return model


def affix_model():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=400, show_progress=False, special_tokens=["<unk>"],
                                  continuing_subword_prefix="##", end_of_word_suffix="</w>")
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return json.loads(tokenizer.to_str())["model"]


def definition(model, normalizer=None, pre_tokenizer=None, added=(), post=None, decoder=None):
    tokens = []
    for i, token in enumerate(added):
        entry = {"id": 100000 + i, "content": token[0], "single_word": False, "lstrip": False,
                 "rstrip": False, "normalized": False, "special": False}
        entry.update({option: True for option in token[1:]})
        tokens.append(entry)
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens,
            "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": post,
            "decoder": decoder, "model": model}


def byte_level(prefix=False, regex=False):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True,
            "use_regex": regex}


BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
SPACES = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
    {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def sequence(*stages):
    return {"type": "Sequence", "pretokenizers": list(stages)}


def definitions():
    """(name, definition) pairs."""
    bytes_, nfc = byte_level_model(), {"type": "NFC"}
    added = [("<|end|>", "special"), ("<|left|>", "special", "lstrip"),
             ("<|right|>", "special", "rstrip"), ("word", "single_word"), ("<b>",), ("<b><i>",),
             ("na\u00efve", "normalized"), ("  ", "normalized"), ("    ", "normalized"),
             ("<both>", "lstrip", "rstrip", "normalized")]
    # Two tokens must not be the same, or nothing, once they are normalised.
    distinct = [token for token in added if token[0].strip()]
    frame = {"type": "TemplateProcessing", "pair": [],
             "single": [{"SpecialToken": {"id": "<|end|>", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "<b>", "type_id": 0}}],
             "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [480], "tokens": ["<|end|>"]},
                                "<b>": {"id": "<b>", "ids": [484], "tokens": ["<b>"]}}}
    frame["pair"] = frame["single"] + [{"Sequence": {"id": "B", "type_id": 1}}]
    for name, pattern in (("gpt2", GPT2), ("qwen2", QWEN2), ("cl100k", CL100K), ("o200k", O200K),
                          ("kimi", KIMI)):
        stages = sequence(split(pattern), byte_level())
        yield name, definition(bytes_, nfc, stages, added, frame, BYTES)
    for name, patterns in (("deepseek", DEEPSEEK), ("deepseek3", DEEPSEEK3)):
        stages = [split(p) for p in patterns]
        stages += [{"type": "Digits", "individual_digits": True}] * (name == "deepseek")
        yield name, definition(bytes_, None, sequence(*stages, byte_level()), added)
    yield "gpt2 byte level", definition(bytes_, None, byte_level(True, True), added)
    yield "ignore merges", definition(dict(bytes_, ignore_merges=True), nfc, byte_level(False, True))
    for pattern in PATTERNS:
        yield f"pattern {pattern}", definition(bytes_, None, sequence(split(pattern), byte_level()))
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        for invert in (False, True):
            yield (f"split {behavior} {invert}",
                   definition(bytes_, None, sequence(split(r"\s|\p{P}+", behavior, invert),
                                                     byte_level())))
    yield "split string", definition(bytes_, None, sequence(
        split("a", "MergedWithNext", kind="String"), byte_level()))
    for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "ByteLevel"):
        yield f"normalizer {kind}", definition(bytes_, {"type": kind}, byte_level(False, True), added)
    yield "normalizer strip", definition(
        bytes_, {"type": "Strip", "strip_left": True, "strip_right": True}, byte_level(), distinct)
    yield "normalizer strip left", definition(
        bytes_, {"type": "Strip", "strip_left": True, "strip_right": False}, byte_level())
    yield "normalizer sequence", definition(bytes_, {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"Regex": r" {2,}"}, "content": "\u2581\u2581"},
        {"type": "Replace", "pattern": {"String": "X"}, "content": ""},
        {"type": "NFKC"}, {"type": "Prepend", "prepend": "_-"}]}, byte_level(False, True), distinct)
    for name, stage in (
            ("digits", {"type": "Digits", "individual_digits": False}),
            ("punctuation", {"type": "Punctuation", "behavior": "Contiguous"}),
            ("whitespace", {"type": "Whitespace"}),
            ("whitespace split", {"type": "WhitespaceSplit"}),
            ("delimiter", {"type": "CharDelimiterSplit", "delimiter": "e"})):
        yield f"pre-tokenizer {name}", definition(bytes_, None, sequence(stage, byte_level()), added)
    yield "bytes before split", definition(bytes_, None, sequence(
        byte_level(True), split("\u0120", "MergedWithNext", kind="String")), added)
    prepend = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "\u2581"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    for fallback in (False, True):
        for fuse in (False, True):
            model = character_model(fallback, fuse_unk=fuse)
            yield (f"characters, fallback {fallback}, fuse {fuse}",
                   definition(model, prepend, None, added, None, SPACES))
            if fallback:  # and some bytes that have no token
                model = json.loads(json.dumps(model))
                for b in (0x80, 0x93, 0xE4):
                    model["vocab"][f"gone{b}"] = model["vocab"].pop(f"<0x{b:02X}>")
                yield f"missing bytes, fuse {fuse}", definition(model, prepend, None, added)
    yield "no unknown token", definition(character_model(False, unk_token=None), prepend, None, added)
    for scheme in ("always", "first", "never"):
        for cut in (False, True):
            stage = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme,
                     "split": cut}
            yield (f"metaspace {scheme} {cut}",
                   definition(character_model(True), None, stage, added, None, stage))
    yield "affixes", definition(affix_model(), None, {"type": "Whitespace"}, added)
    yield "roberta", definition(bytes_, None, byte_level(True, True), [("<s>", "special"), ("</s>",)],
                                {"type": "RobertaProcessing", "sep": ["</s>", 481],
                                 "cls": ["<s>", 480], "trim_offsets": True,
                                 "add_prefix_space": True})

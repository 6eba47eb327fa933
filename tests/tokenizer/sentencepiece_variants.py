"""Small SentencePiece models, trained here, that between them use what such models can hold."""
import io
import os
import tempfile

import sentencepiece
from reference_variants import SENTENCES


def train(**options):
    model = io.BytesIO()
    settings = {"vocab_size": 220, "hard_vocab_limit": False, "character_coverage": 0.98,
                "minloglevel": 2}
    settings.update(options)
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(SENTENCES * 5),
                                             model_writer=model, **settings)
    return model.getvalue()


# Rules small enough to be committed: a full-width A, a sharp s, a decomposed e with acute accent,
# an ideographic space, a circled one, and a character that vanishes.
RULES = "FF21\t41\nDF\t73 73\n65 301\tE9\n3000\t20\n2460\t31\nAD\t\n"


def train_with_rules(**options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.tsv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(RULES)
        return train(normalization_rule_tsv=path, **options)


def small_models():
    """(name, content of the model file) pairs of a few kB each."""
    for kind in ("bpe", "unigram"):
        plain = {"model_type": kind, "normalization_rule_name": "identity"}
        yield f"{kind} identity", train(**plain)
        yield f"{kind} rules", train_with_rules(model_type=kind)
        yield f"{kind} bytes", train_with_rules(model_type=kind, byte_fallback=True, vocab_size=480)
        yield f"{kind} defined", train(user_defined_symbols=["<def>", "fe", "\u2581x", "  "],
                                       remove_extra_whitespaces=False, **plain)
        yield f"{kind} suffix", train(treat_whitespace_as_suffix=True, **plain)
        yield f"{kind} bare", train(add_dummy_prefix=False, split_by_whitespace=False, **plain)


def models():
    """The small ones, and some with the rules that published models have."""
    yield from small_models()
    for kind in ("bpe", "unigram"):
        for rules in ("nmt_nfkc", "nmt_nfkc_cf", "nfkc"):
            yield f"{kind} {rules}", train(model_type=kind, normalization_rule_name=rules)
        yield f"{kind} nfkc defined", train(
            model_type=kind, user_defined_symbols=["<def>", "fe", "\u2581x", "  "],
            remove_extra_whitespaces=False)
        yield f"{kind} digits", train(model_type=kind, split_digits=True,
                                      allow_whitespace_only_pieces=True,
                                      remove_extra_whitespaces=False, byte_fallback=True,
                                      vocab_size=480)

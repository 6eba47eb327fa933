#!/usr/bin/env python3
"""How often a run in bf16 chooses the experts that the reference implementation chooses: the table of
docs/families.md. Run by hand, as it needs the reference (Hugging Face transformers).

usage: bf16_agreement.py REFERENCE_SCRIPTS ALLUVIUM_DUMP [--size small] [--seeds 3] [--tokens 512]
REFERENCE_SCRIPTS: the folder with make_tiny.py and expected.py. ALLUVIUM_DUMP: the program built from
tests/model/dump. Every checkpoint holds random bf16 weights. Compared are the choices of every token in every
routed layer: what is printed is the share of chosen experts that two runs have in common.
"""
import argparse
import contextlib
import io
import pathlib
import random
import runpy
import subprocess
import sys
import tempfile

import numpy as np

FAMILIES = ["apollo", "apollo_shared", "qwen2_moe", "olmoe"]


def script(folder, name, *arguments):
    """Runs a script in this process, so that the libraries load once."""
    argv, sys.argv = sys.argv, [name, *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(folder / name), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    finally:
        sys.argv = argv


def in_common(a, b):
    """Share of the chosen experts [M, T, k] of a that b chose too."""
    return float((a[..., :, None] == b[..., None, :]).any(-1).mean())


def runs(options, family, seed, work):
    """{name of a run: chosen experts [M, T, k]} of one checkpoint."""
    checkpoint = work / "checkpoint"
    script(options.scripts, "make_tiny.py", family, checkpoint, "--seed", seed, "--size", options.size,
           "--dtype", "bfloat16", "--ties", "none")
    rng = random.Random(seed)
    ids = [rng.randrange(64) for _ in range(options.tokens)]
    (work / "ids").write_text(" ".join(map(str, ids)) + "\n")
    found = {}
    for dtype, word in (("float32", "f32"), ("bfloat16", "bf16")):
        script(options.scripts, "expected.py", checkpoint, work / "e.npz", "--dtype", dtype, "--lean",
               "--ids", ",".join(map(str, ids)))
        found["reference " + word] = np.load(work / "e.npz")["topk_ids"]
        subprocess.run([options.dump, checkpoint, work / word, work / "ids", "--dtype", word], check=True)
        found["alluvium " + word] = np.load(work / word / "topk_ids.npy")
    return found


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("scripts", type=pathlib.Path)
    parser.add_argument("dump", type=pathlib.Path)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=512)
    options = parser.parse_args()
    sys.path.insert(0, str(options.scripts))
    pairs = [("alluvium bf16", "reference bf16"), ("alluvium bf16", "reference f32"),
             ("reference bf16", "reference f32"), ("alluvium f32", "reference f32")]
    print("| family | experts, top-k | " + " | ".join(f"{a}, {b}" for a, b in pairs) + " |")
    for family in FAMILIES:
        shares = {pair: [] for pair in pairs}
        for seed in range(1, options.seeds + 1):
            with tempfile.TemporaryDirectory() as work:
                found = runs(options, family, seed, pathlib.Path(work))
            for a, b in pairs:
                shares[a, b].append(in_common(found[a], found[b]))
        k = found["alluvium bf16"].shape[-1]
        cells = [f"{100 * np.mean(s):.2f} %" for s in shares.values()]
        print(f"| {family} | top-{k} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

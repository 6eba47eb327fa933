#!/usr/bin/env python3
"""Training speed of this program against the reference's eager loop, timed in turn on one machine.

usage: training_vs_reference.py ALLUVIUM REFERENCE_SCRIPTS CHECKPOINT [--rounds 5] [--steps 6] [--threads 2]
ALLUVIUM: the program; REFERENCE_SCRIPTS: the folder with train_reference.py (its Python packages have to be
importable); CHECKPOINT: an upcycled model, for instance one of assets/specimen/make.sh.
Same model, same batches, same number of threads, hybrid-k, in f32 on both sides; and this program's bf16 products
beside the reference in bf16 (which keeps its weights in bf16 too, so it does less). Runs A B A B ...; the first step
of a run and the first round are dropped. A ratio is the median over rounds of (ours / reference) in tokens per
second; below 1 means slower. One JSON object on standard output.
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile


def reference(a, dtype, batches, write=False):
    command = [sys.executable, pathlib.Path(a.scripts) / "train_reference.py", a.checkpoint, "--dtype", dtype,
               "--threads", a.threads, "--steps", a.steps, "--batch", a.sequences, "--length", a.sequence,
               "--write-batches" if write else "--batches", batches]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return json.loads(out)["tokens_per_s"]


def ours(a, dtype, batches, folder):
    command = [a.alluvium, "train", a.checkpoint, "--batches", batches, "-o", folder, "--overwrite", "-q", "--routing",
               "hybrid-k", "--steps", a.steps, "--warmup", 0, "--schedule", "constant", "--dtype", dtype, "--threads",
               a.threads]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    with open(folder / "log.csv", newline="") as f:
        return statistics.median(float(row["tokens_per_s"]) for row in list(csv.DictReader(f))[1:])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("alluvium")
    ap.add_argument("scripts")
    ap.add_argument("checkpoint")
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--steps", type=int, default=6)
    ap.add_argument("--sequences", type=int, default=16)
    ap.add_argument("--sequence", type=int, default=256)
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory() as work:
        batches, folder = pathlib.Path(work) / "batches.jsonl", pathlib.Path(work) / "run"
        reference(a, "float32", batches, write=True)
        for i in range(a.rounds + 1):
            row = {"f32": ours(a, "f32", batches, folder), "reference_f32": reference(a, "float32", batches),
                   "bf16": ours(a, "bf16", batches, folder), "reference_bf16": reference(a, "bfloat16", batches)}
            if i:
                rounds.append(row)
            print(row, file=sys.stderr)
    result = {"threads": a.threads, "rounds": rounds}
    for dtype in ("f32", "bf16"):
        result[f"{dtype}_over_reference"] = statistics.median(r[dtype] / r[f"reference_{dtype}"] for r in rounds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()

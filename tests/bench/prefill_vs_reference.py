#!/usr/bin/env python3
"""Prefill speed of this program against the reference implementation, timed in turn on one machine.

usage: prefill_vs_reference.py BENCH REFERENCE_SCRIPTS CHECKPOINT [--rounds 5] [--tokens 512] [--threads 2]
BENCH: the program alluvium_bench; REFERENCE_SCRIPTS: the folder with bench_hf.py (its Python packages have to be
importable); CHECKPOINT: for instance from make_bench.py OLMoE DIR --layers 4.
Runs A B A B ...; each run warms up once and reports its own median. The first round is dropped. The ratio is the
median over rounds of (ours / reference) in tokens per second; below 1 means slower. One JSON object on standard output.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys


def ours(a, *extra):
    command = [a.bench, "prefill", a.checkpoint, "--tokens", a.tokens, "--threads", a.threads, "--repeats", a.repeats, *extra]
    return json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)


def reference(a, *extra):
    command = [sys.executable, pathlib.Path(a.scripts) / "bench_hf.py", a.checkpoint, "--tokens", a.tokens, "--threads", a.threads,
               "--repeats", a.repeats, *extra]
    return json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("bench")
    ap.add_argument("scripts")
    ap.add_argument("checkpoint")
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--repeats", type=int, default=3, help="timed passes of a run")
    ap.add_argument("--tokens", type=int, default=512)
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    pairs = []
    for i in range(a.rounds + 1):
        row = {"eager_capture": reference(a, "--experts", "eager", "--capture")["tokens_per_s_median"],
               "whole_stack": ours(a)["tokens_per_second"],
               "routing_only": ours(a, "--routing-only")["tokens_per_second"]}
        if i:
            pairs.append(row)
        print(row, file=sys.stderr)
    result = {"tokens": a.tokens, "threads": a.threads, "rounds": pairs}
    for mode in ("whole_stack", "routing_only"):
        result[f"{mode}_over_eager_capture"] = statistics.median(r[mode] / r["eager_capture"] for r in pairs)
    capture = [ours(a)["cpu_seconds_median"] / ours(a, "--no-capture")["cpu_seconds_median"] for _ in range(7)]
    result["capture_over_no_capture_cpu_seconds"] = statistics.median(capture)
    print(json.dumps(result))


if __name__ == "__main__":
    main()

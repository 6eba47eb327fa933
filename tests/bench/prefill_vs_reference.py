#!/usr/bin/env python3
"""Prefill speed of this program against the reference implementation, timed in turn on one machine.

usage: prefill_vs_reference.py BENCH REFERENCE_SCRIPTS CHECKPOINT [--rounds 5] [--tokens 512] [--threads 2]
BENCH: the program alluvium_bench; REFERENCE_SCRIPTS: the folder with bench_hf.py (its Python packages have to be
importable); CHECKPOINT: for instance from make_bench.py OLMoE DIR --layers 4.
Runs A B A B ...; each run warms up once and reports its own median. The first round is dropped. Ratios are
medians over the rounds, above 1 means that this program is faster: `wall` tokens per second (quiet machines only), `cpu`
CPU seconds of a pass (a longer run minus a shorter one, so that loading cancels; use --threads 1 on shared machines). One JSON object on standard output.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys


MORE_PASSES = 2


def run(command):
    """Standard output as JSON, and the CPU seconds of the process."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return json.loads(out), usage.ru_utime + usage.ru_stime


def timed(command, repeats):
    few, cpu_few = run([*command, "--repeats", repeats])
    more, cpu_more = run([*command, "--repeats", repeats + MORE_PASSES])
    rate = [r.get("tokens_per_second") or r["tokens_per_s_median"] for r in (few, more)]
    return {"tokens_per_second": max(rate), "cpu_seconds": (cpu_more - cpu_few) / MORE_PASSES}


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
    common = [a.checkpoint, "--tokens", a.tokens, "--threads", a.threads]
    ours = [a.bench, "prefill", *common]
    reference = [sys.executable, pathlib.Path(a.scripts) / "bench_hf.py", *common, "--experts", "eager", "--capture"]
    modes = {"whole_stack": ours, "routing_only": [*ours, "--routing-only"]}
    rounds = []
    for i in range(a.rounds + 1):
        row = {"reference": timed(reference, a.repeats), **{k: timed(c, a.repeats) for k, c in modes.items()}}
        if i:
            rounds.append(row)
        print(row, file=sys.stderr, flush=True)
    result = {"tokens": a.tokens, "threads": a.threads, "rounds": rounds}
    for k in modes:
        result[k] = {"wall": statistics.median(r[k]["tokens_per_second"] / r["reference"]["tokens_per_second"] for r in rounds),
                     "cpu": statistics.median(r["reference"]["cpu_seconds"] / r[k]["cpu_seconds"] for r in rounds)}
    pairs = [[run([*ours, "--repeats", 3, *extra])[0]["cpu_seconds_median"] for extra in ([], ["--no-capture"])] for _ in range(7)]
    result["capture_cpu_over_no_capture"] = statistics.median(x / y for x, y in pairs)
    print(json.dumps(result))


if __name__ == "__main__":
    main()

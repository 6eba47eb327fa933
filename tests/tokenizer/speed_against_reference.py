#!/usr/bin/env python3
"""Single-thread speed of alluvium_tokenizer_tool and of the reference library, in turns.

usage: speed_against_reference.py TOOL TOKENIZER_FOLDER TEXT_FILE [ROUNDS]

Both encode every line of the file, offsets included; processor time, loading not counted.
"""
import json
import os
import statistics
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer  # noqa: E402


def main():
    tool, folder, path = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(path, encoding="utf-8", newline="") as f:
        lines = f.read().split("\n")
    size = sum(len(line.encode()) for line in lines)
    ours, theirs = [], []
    for _ in range(rounds):
        out = json.loads(subprocess.run([tool, "speed", folder, path], check=True,
                                        stdout=subprocess.PIPE).stdout)
        ours.append(out["bytes"] / out["seconds"] / 1e6)
        start = time.process_time()
        for line in lines:
            tokenizer.encode(line, add_special_tokens=False)
        theirs.append(size / (time.process_time() - start) / 1e6)
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{os.path.basename(os.path.normpath(folder))}: {a:.1f} MB/s, reference {b:.2f} MB/s, "
          f"{a / b:.1f} times (medians of {rounds}; {min(ours):.1f} to {max(ours):.1f} and "
          f"{min(theirs):.2f} to {max(theirs):.2f})")


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Draws the pictures of README.md, docs/guide.md and assets/specimen/README.md anew, with the program
# itself (ALLUVIUM: another program than the launcher's).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
alluvium=${ALLUVIUM:-$root/alluvium}
examples=captures/examples
draw() {  # draw FIGURE TRACE PICTURE OPTIONS...
    "$alluvium" -q render "$1" "$examples/$2" -o "docs/images/$3" "${@:4}"
}
mkdir -p docs/images
draw heatmap specimen-hybrid-k.h5 heatmap.png --scale 1.25
draw circuit specimen-hybrid-k.h5 circuit.png --scale 1.25 --groups fr,ar,zh
draw divergence specimen-hybrid-k.h5 divergence.png --scale 1.25
draw divergence qwen3-30b-a3b-mgsm.h5 qwen3-divergence.png --scale 1.25
"$alluvium" -q open assets/specimen "$examples/specimen-hybrid-k.h5" --screenshot docs/images/workbench.png
"$alluvium" -q open assets/specimen --layout train --screenshot docs/images/workbench-train.png
# Those of the five first questions are taken by the test that takes their steps.
if [ -d build/screenshots ]; then cp build/screenshots/path-*.png docs/images/; fi

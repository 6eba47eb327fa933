#!/usr/bin/env bash
# Draws the pictures of README.md and docs/guide.md anew, with the program itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
specimen=assets/specimen
[ -f $specimen/config.json ] || specimen=build/release/assets/specimen-untrained
mkdir -p docs/images
./alluvium capture "$specimen" --prompts assets/prompts/majors.tsv -o "$work/specimen.h5" -q
./alluvium render heatmap "$work/specimen.h5" -o docs/images/heatmap.png --scale 1.25 -q
./alluvium render circuit "$work/specimen.h5" -o docs/images/circuit.png --scale 1.25 -q
./alluvium render divergence captures/examples/qwen3-30b-a3b-mgsm.h5 \
    -o docs/images/qwen3-divergence.png --scale 1.25 -q
# Relative paths, so that the picture shows no folder of this machine.
ln -s "$PWD/$specimen" "$work/$(basename "$specimen")"
root=$PWD
cd "$work"
"$root/alluvium" open "$(basename "$specimen")" specimen.h5 \
    --screenshot "$root/docs/images/workbench.png"

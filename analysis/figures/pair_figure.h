#pragma once
// Pictures of what one changed thing in a text does to its routing.
#include "analysis/figures/figure.h"
#include "analysis/pairs/pair_result.h"

namespace alluvium {

struct PairFigureOptions {
    double width = 0;  // points; 0: what the figure likes
    bool heading = true;
};

// A minimal pair: layers by spans of the text, coloured by how many of the chosen experts change.
// Spans run in the direction in which the language is read, layer 0 at the bottom, the mean over
// all tokens behind the change at the end. A dot: beyond the floor.
//
// Data: kind "cell" (layer; group: the span's words) and "behind" (layer), values "change", "floor
// mean", "floor max", "neutral edits", "at least", "beyond floor" (0 or 1), "tokens", "unrelated".
Figure pair_figure(const MinimalPair& pair, const PairFigureOptions& options, const Theme& theme,
                   const TextMeter& meter);

// The effects of the language read and of the language to be written over the layers.
//
// Data: kind "layer", values "read", "write", "difference" and "texts", each with " low" and
// " high".
Figure pair_figure(const ReadOrWritten& result, const PairFigureOptions& options,
                   const Theme& theme, const TextMeter& meter);

Figure pair_figure(const PairResult& result, const PairFigureOptions& options, const Theme& theme,
                   const TextMeter& meter);

}  // namespace alluvium

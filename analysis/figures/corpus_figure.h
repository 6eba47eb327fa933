#pragma once
// What a training set consists of: how much text each language has, on a logarithmic scale, and
// which sources and domains it comes from.
#include <string>

#include "analysis/figures/figure.h"
#include "captures/corpus_statistics.h"
#include "captures/languages.h"

namespace alluvium {

struct CorpusFigureOptions {
    const LanguageTable* languages = nullptr;  // null: labels as names, one colour
    std::string tokenizer;                     // named under the title where tokens were counted
    double width = 0;                          // points; 0: 640
};

// Data: kind "language", "source" and "domain", group: the label; values "tokens" (where they were
// counted), "texts", "characters", "bytes" and "share" of the whole. Largest first. Sources and
// domains are shown where there is more than one.
Figure corpus_figure(const CorpusStatistics& corpus, const CorpusFigureOptions& options,
                     const Theme& theme, const TextMeter& meter);

}  // namespace alluvium

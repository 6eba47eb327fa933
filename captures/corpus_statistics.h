#pragma once
// What a set of texts consists of, by language, source and domain.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

struct CorpusCount {
    std::uint64_t texts = 0;
    std::uint64_t characters = 0;  // code points
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> tokens;  // nothing where no tokenizer was asked

    CorpusCount& operator+=(const CorpusCount& other);
    // Tokens where they were counted, else bytes.
    std::uint64_t amount() const { return tokens.value_or(bytes); }
};

struct CorpusRow {
    std::string language, source, domain;  // labels; may be empty
    CorpusCount count;
};

struct CorpusTotal {
    std::string label;
    CorpusCount count;
};

struct CorpusStatistics {
    std::vector<CorpusRow> rows;  // sorted by language, source, domain
    CorpusCount total;

    bool has_tokens() const { return total.tokens.has_value(); }
};

// One row for each language, source and domain that occur together. A text's source is its column
// `source`. `tokens[i]`: of text i; empty: not counted.
CorpusStatistics corpus_statistics(std::span<const Prompt> texts,
                                   std::span<const std::uint64_t> tokens);

// Sums over all rows with the same label, largest amount first, then by label.
std::vector<CorpusTotal> totals_by(const CorpusStatistics& corpus, std::string CorpusRow::*column);

}  // namespace alluvium

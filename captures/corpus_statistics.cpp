#include "captures/corpus_statistics.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <tuple>

namespace alluvium {
namespace {

std::uint64_t code_points(const std::string& text) {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string source_of(const Prompt& text) {
    const auto found = text.extra.find("source");
    return found == text.extra.end() ? "" : found->second;
}

}  // namespace

CorpusCount& CorpusCount::operator+=(const CorpusCount& other) {
    texts += other.texts;
    characters += other.characters;
    bytes += other.bytes;
    if (other.tokens) tokens = tokens.value_or(0) + *other.tokens;
    return *this;
}

CorpusStatistics corpus_statistics(std::span<const Prompt> texts,
                                   std::span<const std::uint64_t> tokens) {
    assert(tokens.empty() || tokens.size() == texts.size());
    std::map<std::tuple<std::string, std::string, std::string>, CorpusCount> counts;
    CorpusStatistics corpus;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Prompt& text = texts[i];
        CorpusCount one{1, code_points(text.text), text.text.size(), std::nullopt};
        if (!tokens.empty()) one.tokens = tokens[i];
        counts[{text.language, source_of(text), text.domain}] += one;
        corpus.total += one;
    }
    for (const auto& [key, count] : counts) {
        corpus.rows.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
    }
    return corpus;
}

std::vector<CorpusTotal> totals_by(const CorpusStatistics& corpus, std::string CorpusRow::*column) {
    std::map<std::string, CorpusCount> sums;
    for (const CorpusRow& row : corpus.rows) sums[row.*column] += row.count;
    std::vector<CorpusTotal> totals;
    for (const auto& [label, count] : sums) totals.push_back({label, count});
    std::ranges::stable_sort(totals, std::greater<>(),
                             [](const CorpusTotal& total) { return total.count.amount(); });
    return totals;
}

}  // namespace alluvium

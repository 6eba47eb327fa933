#include "analysis/token_traits.h"

#include <bit>
#include <numeric>

#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

void append(TokenTable& tokens, std::size_t from, std::size_t count, TokenTable& to) {
    const auto copy = [&](const auto& source, auto& target) {
        const auto first = source.begin() + static_cast<std::ptrdiff_t>(from);
        target.insert(target.end(), first, first + static_cast<std::ptrdiff_t>(count));
    };
    copy(tokens.id, to.id);
    copy(tokens.prompt, to.prompt);
    copy(tokens.position, to.position);
    copy(tokens.byte_begin, to.byte_begin);
    copy(tokens.byte_end, to.byte_end);
    if (!tokens.special.empty()) copy(tokens.special, to.special);
}

}  // namespace

std::vector<std::uint8_t> draw_prompts(const Sample& sample, std::uint64_t limit,
                                       std::uint64_t seed) {
    const PromptUnits& units = sample.units;
    std::vector<std::size_t> order(units.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (sample.selection.census.selected > limit) {
        SeededRandom random(seed, "controls");
        random.shuffle(std::span(order));
    }
    std::vector<std::uint8_t> drawn(units.labels.size(), 0);
    std::uint64_t tokens = 0;
    for (const std::size_t u : order) {
        if (tokens >= limit) break;
        for (const std::uint32_t p : units.prompts[u]) {
            drawn[p] = 1;
            tokens += sample.selection.prompts[p].selected;
        }
    }
    return drawn;
}

std::uint32_t position_bin(std::uint32_t position) {
    if (position < 8) return position;
    const auto octave = static_cast<std::uint32_t>(std::bit_width(position)) - 1;
    return 4 * (octave - 1) + (position >> (octave - 2) & 3u);
}

PromptUnits units_of(const PromptTable& table, const Grouping& grouping,
                     const std::vector<std::uint8_t>& keep) {
    TokenSelection selection;
    selection.prompts.resize(table.size());
    for (std::size_t p = 0; p < table.size(); ++p) {
        selection.prompts[p].selected = keep[p] != 0 && grouping.of_row[p] != kUnlabelled;
    }
    return make_units(table, grouping, selection);
}

TokenTraits read_token_traits(const RoutingTrace& trace, const Sample& sample, std::uint64_t limit,
                              std::uint64_t seed, Progress& progress) {
    Grouping grouping = sample.grouping;
    const std::vector<std::uint8_t> drawn = draw_prompts(sample, limit, seed);
    for (std::size_t p = 0; p < drawn.size(); ++p) {
        if (drawn[p] == 0) grouping.of_row[p] = kUnlabelled;
    }
    TokenTraits traits;
    traits.selection = select_tokens(trace, grouping, {true, sample.where}, progress);
    TokenTable tokens;
    visit_blocks(traits.selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        TokenTable block = trace.tokens(range);
        for (const TokenRun& run : runs) {
            append(block, run.begin - range.begin, run.end - run.begin, tokens);
        }
    });
    traits.kind = classify_tokens(trace.header().prompts, tokens);
    traits.id = std::move(tokens.id);
    traits.position = std::move(tokens.position);
    traits.prompt = std::move(tokens.prompt);
    traits.drawn = sample.selection.census.selected > limit;
    return traits;
}

}  // namespace alluvium

#pragma once
// Traces of a router that does not know the language, on prompts whose tokens differ between
// languages: what looks like language routing and is none. A pull towards experts of the language
// can be planted on top.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "captures/trace_data.h"

namespace alluvium::test {

enum class Confound {
    none,
    class_mix,    // some languages use more punctuation, and punctuation has experts of its own
    fertility,    // some cut words into more tokens: longer prompts, more continuations
    position,     // longer prompts, and experts that follow the place in the prompt
    digits,       // some write more digits
    huge_prompt,  // one prompt of one language is thirty times as long, and of one subject
};

struct ConfoundedTrace {
    Confound confound = Confound::none;
    std::size_t languages = 4;
    std::size_t groups = 20;  // translation groups
    std::size_t tokens = 36;  // per prompt, before fertility
    std::size_t layers = 18;
    std::uint32_t experts = 8;
    std::uint32_t top_k = 2;
    // Share of tokens whose best expert follows from their language.
    std::function<double(double depth)> pull = [](double) { return 0.0; };
    std::uint64_t seed = 1;
};

namespace confounded {

// A token of the vocabulary; ids below kShared are used by every language.
struct Piece {
    std::uint32_t id = 0;
    std::string text;
    int kind = 0;  // 0 punctuation, 1 digit, 2 word start, 3 continuation
};

inline constexpr std::uint32_t kShared = 8;

class Source {
  public:
    explicit Source(std::uint64_t seed) : engine_(seed) {}
    double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    std::size_t below(std::size_t n) {
        return static_cast<std::size_t>(uniform() * static_cast<double>(n));
    }

  private:
    std::mt19937_64 engine_;
};

// A fixed choice of 0..n-1 for what a router looks at.
inline std::size_t preferred(std::uint64_t what, std::uint64_t layer, std::uint64_t seed,
                             std::size_t n) {
    std::uint64_t x = what * 0x9e3779b97f4a7c15u + layer * 0xbf58476d1ce4e5b9u + seed;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((x ^ x >> 31) % n);
}

// Shares of the four kinds of token in a language.
inline std::array<double, 4> mix(Confound confound, std::size_t language) {
    const bool odd = language % 2 == 1;
    if (confound == Confound::class_mix) {
        return odd ? std::array{0.45, 0.1, 0.25, 0.2} : std::array{0.2, 0.1, 0.4, 0.3};
    }
    if (confound == Confound::digits) {
        return odd ? std::array{0.25, 0.35, 0.2, 0.2} : std::array{0.25, 0.1, 0.35, 0.3};
    }
    if (confound == Confound::fertility) {
        return odd ? std::array{0.3, 0.1, 0.15, 0.45} : std::array{0.3, 0.1, 0.4, 0.2};
    }
    return {0.3, 0.15, 0.3, 0.25};
}

inline Piece draw_piece(const ConfoundedTrace& plan, std::size_t language, Source& random) {
    const std::array<double, 4> share = mix(plan.confound, language);
    double at = random.uniform();
    int kind = 0;
    while (kind < 3 && at >= share[static_cast<std::size_t>(kind)]) {
        at -= share[static_cast<std::size_t>(kind++)];
    }
    if (kind == 0) return random.uniform() < 0.6 ? Piece{0, ",", 0} : Piece{1, ".", 0};
    if (kind == 1) {
        const auto digit = static_cast<std::uint32_t>(random.below(2));
        return {2 + digit, digit == 0 ? "1" : "2", 1};
    }
    // A third of the words are names, the same in all languages.
    if (random.uniform() < 0.34) {
        return kind == 2 ? Piece{4, " Ana", 2} : Piece{5, "na", 3};
    }
    const auto word = static_cast<std::uint32_t>(random.below(12));
    const auto id = kShared + static_cast<std::uint32_t>(language) * 24 + word;
    std::string text = kind == 2 ? " " : "";
    text += static_cast<char>('a' + static_cast<int>(word));
    return {kind == 2 ? id : id + 12, text + static_cast<char>('a' + static_cast<int>(language)),
            kind};
}

inline std::size_t length(const ConfoundedTrace& plan, std::size_t group, std::size_t language) {
    const bool odd = language % 2 == 1;
    if (plan.confound == Confound::huge_prompt && group == 0 && language == 1) {
        return 30 * plan.tokens;
    }
    const bool longer =
        odd && (plan.confound == Confound::fertility || plan.confound == Confound::position);
    return longer ? plan.tokens * 5 / 3 : plan.tokens;
}

inline void add_prompt(const ConfoundedTrace& plan, std::size_t group, std::size_t language,
                       Source& random, TraceData& data) {
    PromptTable& table = data.header.prompts;
    const std::size_t count = length(plan, group, language);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        const Piece piece = draw_piece(plan, language, random);
        data.tokens.id.push_back(piece.id);
        data.tokens.prompt.push_back(static_cast<std::uint32_t>(table.size()));
        data.tokens.position.push_back(static_cast<std::uint32_t>(i));
        data.tokens.byte_begin.push_back(static_cast<std::uint32_t>(text.size()));
        text += piece.text;
        data.tokens.byte_end.push_back(static_cast<std::uint32_t>(text.size()));
        data.tokens.phase.push_back(kPhasePrompt);
        data.tokens.special.push_back(0);
    }
    table.first_token.push_back(data.header.token_count);
    data.header.token_count += count;
    table.id.push_back("p" + std::to_string(table.size()));
    table.text.push_back(text);
    table.language.push_back("l" + std::to_string(language));
    table.group.push_back("g" + std::to_string(group));
    table.domain.emplace_back();
    table.token_count.push_back(static_cast<std::uint32_t>(count));
    table.truncated.push_back(0);
    table.done.push_back(1);
}

// What a token's best expert follows: class and identity always a little, later layers more; the
// place where that is the confound; the prompt's subject.
inline std::size_t best_expert(const ConfoundedTrace& plan, const TraceData& data, std::size_t row,
                               std::size_t layer, double pull, Source& random) {
    const double depth = static_cast<double>(layer) / static_cast<double>(plan.layers - 1);
    const std::uint32_t id = data.tokens.id[row];
    const std::uint32_t prompt = data.tokens.prompt[row];
    const std::size_t language = prompt % plan.languages;
    const auto follow = [&](std::uint64_t what) {
        return preferred(what, layer, plan.seed, plan.experts);
    };
    double at = random.uniform();
    if (at < pull) return preferred(1000 + language, layer, plan.seed, plan.experts);
    at = (at - pull) / (1 - pull);
    const bool by_place =
        plan.confound == Confound::position || plan.confound == Confound::fertility;
    const double place = by_place ? 0.3 : 0.0, subject = 0.1;
    if (at < place) return follow(2000 + data.tokens.position[row] / 7);
    if (at < place + subject) return follow(3000 + prompt);
    if (at < place + subject + 0.15 + 0.25 * depth) return follow(4000 + id);
    return random.below(plan.experts);
}

inline LayerData layer(const ConfoundedTrace& plan, const TraceData& data, std::size_t index,
                       Source& random) {
    const double depth = static_cast<double>(index) / static_cast<double>(plan.layers - 1);
    const double pull = plan.pull(depth);
    LayerData result;
    result.experts = Grid<ExpertId>(data.tokens.size(), plan.top_k);
    std::vector<ExpertId> order(plan.experts);
    for (std::size_t e = 0; e < order.size(); ++e) order[e] = static_cast<ExpertId>(e);
    for (std::size_t row = 0; row < data.tokens.size(); ++row) {
        for (std::size_t r = 0; r < plan.top_k; ++r) {
            std::swap(order[r], order[r + random.below(plan.experts - r)]);
        }
        const std::size_t best = best_expert(plan, data, row, index, pull, random);
        std::swap(order[0], *std::find(order.begin(), order.end(), static_cast<ExpertId>(best)));
        std::copy_n(order.begin(), plan.top_k, result.experts.row(row).begin());
    }
    return result;
}

}  // namespace confounded

inline TracePtr confounded_trace(const ConfoundedTrace& plan) {
    confounded::Source random(plan.seed);
    TraceData data;
    for (std::size_t group = 0; group < plan.groups; ++group) {
        for (std::size_t language = 0; language < plan.languages; ++language) {
            confounded::add_prompt(plan, group, language, random, data);
        }
    }
    for (std::size_t l = 0; l < plan.layers; ++l) {
        RoutedLayerInfo info;
        info.layer = static_cast<LayerId>(l);
        info.experts = plan.experts;
        info.top_k = plan.top_k;
        data.header.layers.push_back(info);
        data.layers.push_back(confounded::layer(plan, data, l, random));
    }
    return make_trace(std::move(data));
}

}  // namespace alluvium::test

#include "model/intervene/targets.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"

namespace alluvium {
namespace {

std::optional<int> whole_number(std::string_view word) {
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc() && end == word.data() + word.size() && value >= 0;
    return whole ? std::optional(value) : std::nullopt;
}

// One list with what is needed to read and to complain about it.
struct TargetReader {
    std::string_view option;
    const ModelSpec& spec;
    std::span<const std::string> labels;
    std::vector<LayerId> routed;

    [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
        throw UserError(std::string(option) + ": " + what, hint);
    }

    int experts_of(LayerId layer) const {
        return spec.layers[static_cast<std::size_t>(layer)].moe()->rule.experts;
    }

    std::vector<LayerId> layers(std::string_view word) const {
        if (word == "*") return routed;
        const std::optional<int> layer = whole_number(word);
        if (!layer)
            fail("'" + std::string(word) + "' is no layer", "layers are numbers from 0, or *");
        if (!std::ranges::binary_search(routed, *layer)) {
            std::string known;
            for (const LayerId r : routed) known += (known.empty() ? "" : ", ") + std::to_string(r);
            fail("layer " + std::to_string(*layer) + " has no router", "routed layers: " + known);
        }
        return {*layer};
    }

    int expert(std::string_view word) const {
        if (const std::optional<int> number = whole_number(word)) return *number;
        const auto label = std::ranges::find(labels, word);
        if (label == labels.end()) {
            fail("'" + std::string(word) + "' is no expert",
                 labels.empty() ? "experts are numbers from 0"
                                : "experts are numbers from 0 or labels of the checkpoint");
        }
        return static_cast<int>(label - labels.begin());
    }

    void add(std::string_view item, std::vector<ExpertTarget>& targets) const {
        const std::size_t colon = item.find(':');
        if (colon == std::string_view::npos) {
            fail("'" + std::string(item) + "' is not LAYER:EXPERT", "for example 7:4,7:5");
        }
        const int chosen = expert(item.substr(colon + 1));
        for (const LayerId layer : layers(item.substr(0, colon))) {
            if (chosen >= experts_of(layer)) {
                fail("layer " + std::to_string(layer) + " has no expert " + std::to_string(chosen),
                     "its experts are 0 to " + std::to_string(experts_of(layer) - 1));
            }
            targets.push_back({layer, chosen});
        }
    }
};

}  // namespace

std::vector<ExpertTarget> parse_targets(std::string_view list, std::string_view option,
                                        const ModelSpec& spec,
                                        std::span<const std::string> expert_labels) {
    const TargetReader reader{option, spec, expert_labels, spec.routed_layers()};
    if (reader.routed.empty()) {
        throw UserError("the checkpoint is dense: it has no experts to intervene on",
                        "give a checkpoint with routed layers");
    }
    std::vector<ExpertTarget> targets;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        reader.add(list.substr(0, comma), targets);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    if (targets.empty()) reader.fail("no expert given", "for example 7:4,7:5");
    std::ranges::sort(targets);
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    return targets;
}

std::string targets_word(std::span<const ExpertTarget> targets) {
    std::string word;
    for (const ExpertTarget& target : targets) {
        if (!word.empty()) word += ',';
        word += std::to_string(target.layer);
        word += ':';
        word += std::to_string(target.expert);
    }
    return word;
}

}  // namespace alluvium

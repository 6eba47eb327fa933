#include "model/upcycle/layer_list.h"

#include <charconv>
#include <optional>
#include <set>
#include <sstream>

#include "base/error.h"

namespace alluvium {
namespace {

std::optional<LayerId> whole_number(std::string_view text) {
    LayerId value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0;
    return whole ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuse(const std::string& words, const std::string& why) {
    throw UserError("--layers: '" + words + "' " + why,
                    "for example all, last:2, or 0,3,5-7 (layers count from 0)");
}

std::vector<LayerId> range(LayerId first, LayerId last) {
    std::vector<LayerId> layers;
    for (LayerId layer = first; layer <= last; ++layer) layers.push_back(layer);
    return layers;
}

}  // namespace

std::vector<LayerId> parse_layer_list(const std::string& words, LayerId layers) {
    if (words == "all") return range(0, layers - 1);
    const std::string has = "the model has " + std::to_string(layers) + " layers";
    if (words.starts_with("last:")) {
        const auto count = whole_number(std::string_view(words).substr(5));
        if (!count || *count == 0) refuse(words, "is no list of layers");
        if (*count > layers) refuse(words, "is too much: " + has);
        return range(layers - *count, layers - 1);
    }
    std::set<LayerId> chosen;
    std::istringstream in(words);
    for (std::string item; std::getline(in, item, ',');) {
        const std::size_t dash = item.find('-');
        const auto first = whole_number(std::string_view(item).substr(0, dash));
        const auto last = dash == std::string::npos
                              ? first
                              : whole_number(std::string_view(item).substr(dash + 1));
        if (!first || !last || *first > *last) refuse(words, "is no list of layers");
        if (*last >= layers) refuse(words, "names layer " + std::to_string(*last) + ": " + has);
        for (const LayerId layer : range(*first, *last)) chosen.insert(layer);
    }
    if (chosen.empty()) refuse(words, "is no list of layers");
    return {chosen.begin(), chosen.end()};
}

}  // namespace alluvium

#include "model/tokenizer/sentencepiece/charsmap.h"

#include "base/error.h"

namespace alluvium {
namespace {

std::uint32_t little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
}

// The parts of a unit, as Darts-clone packs them.
bool has_leaf(std::uint32_t unit) {
    return (unit >> 8 & 1) != 0;
}
std::uint32_t leaf_value(std::uint32_t unit) {
    return unit & 0x7fffffff;
}
std::uint32_t label(std::uint32_t unit) {
    return unit & 0x800000ff;
}
std::uint32_t offset(std::uint32_t unit) {
    return unit >> 10 << ((unit & 0x200) >> 6);
}

}  // namespace

CharsMap::CharsMap(std::string_view bytes) {
    if (bytes.empty()) return;
    const std::size_t trie_bytes = bytes.size() < 4 ? 0 : little_endian(bytes);
    if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes > bytes.size() - 4) {
        throw UserError("its normalisation rules are damaged", "fetch the file again");
    }
    for (std::size_t at = 4; at < 4 + trie_bytes; at += 4) {
        units_.push_back(little_endian(bytes.substr(at)));
    }
    replacements_ = bytes.substr(4 + trie_bytes);
}

std::optional<CharsMap::Rule> CharsMap::longest(std::string_view text) const {
    if (units_.empty()) return std::nullopt;
    std::optional<Rule> best;
    std::size_t node = offset(units_[0]);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        node ^= byte;
        if (node >= units_.size() || label(units_[node]) != byte) break;
        const std::uint32_t unit = units_[node];
        node ^= offset(unit);
        if (!has_leaf(unit)) continue;
        const std::size_t value =
            node < units_.size() ? leaf_value(units_[node]) : replacements_.size();
        if (value >= replacements_.size()) break;
        const std::string_view rest = std::string_view(replacements_).substr(value);
        best = Rule{i + 1, rest.substr(0, rest.find('\0'))};
    }
    return best;
}

}  // namespace alluvium

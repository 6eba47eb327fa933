#include "model/tokenizer/definition.h"

#include "base/error.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

// Sequences in sequences: published definitions have one level.
constexpr int kDeepestParts = 20;

}  // namespace

bool DefinitionPart::has(std::string_view key) const {
    const auto found = json_.find(key);
    return found != json_.end() && !found->is_null();
}

const Json& DefinitionPart::value(std::string_view key, std::string_view expected) const {
    if (!json_.is_object()) malformed("", "an object");
    const auto found = json_.find(key);
    if (found == json_.end()) malformed(key, expected);
    return *found;
}

std::string DefinitionPart::string(std::string_view key) const {
    const Json& found = value(key, "a string");
    if (!found.is_string()) malformed(key, "a string");
    return found.get<std::string>();
}

bool DefinitionPart::boolean(std::string_view key, bool otherwise) const {
    if (!has(key)) return otherwise;
    const Json& found = value(key, "true or false");
    if (!found.is_boolean()) malformed(key, "true or false");
    return found.get<bool>();
}

std::uint32_t DefinitionPart::number(std::string_view key, std::uint32_t otherwise) const {
    if (!has(key)) return otherwise;
    const Json& found = value(key, "a whole number");
    if (!found.is_number_unsigned()) malformed(key, "a whole number");
    return found.get<std::uint32_t>();
}

std::uint32_t DefinitionPart::character(std::string_view key) const {
    const std::string text = string(key);
    const Utf8Char first = decode_utf8(text, 0);
    if (first.bytes == 0 || first.bytes != text.size()) malformed(key, "one character");
    return first.code_point;
}

Regex DefinitionPart::pattern(std::string_view key) const {
    const Json& found = value(key, "a pattern");
    const DefinitionPart part(found, place_ + "." + std::string(key));
    try {
        if (part.has("Regex")) return Regex::from_oniguruma(part.string("Regex"));
        if (part.has("String")) return Regex::literal(part.string("String"));
    } catch (const UserError& e) {
        throw UserError(part.place() + ": " + e.what(), e.hint());
    }
    malformed(key, R"({"Regex": ...} or {"String": ...})");
}

std::vector<DefinitionPart> DefinitionPart::parts(std::string_view key) const {
    const Json& found = value(key, "an array");
    if (!found.is_array()) malformed(key, "an array");
    if (depth_ >= kDeepestParts) unsupported("nesting parts so deeply");
    std::vector<DefinitionPart> result;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string place = place_ + "." + std::string(key) + "[" + std::to_string(i) + "]";
        result.emplace_back(found[i], place, depth_ + 1);
    }
    return result;
}

void DefinitionPart::malformed(std::string_view key, std::string_view expected) const {
    const std::string where = key.empty() ? place_ : place_ + "." + std::string(key);
    throw UserError(where + " should be " + std::string(expected),
                    "the tokenizer's definition may be damaged; fetch it again");
}

void DefinitionPart::unsupported(std::string_view what) const {
    throw UserError(place_ + ": " + std::string(what) + " is not supported",
                    "this tokenizer cannot be used; capture from token ids instead");
}

}  // namespace alluvium

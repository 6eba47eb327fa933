#include "base/error.h"
#include "model/tokenizer/models/bpe_model.h"

namespace alluvium {
namespace {

Vocabulary read_vocabulary(const DefinitionPart& part) {
    const auto found = part.json().find("vocab");
    if (found == part.json().end() || !found->is_object()) part.malformed("vocab", "an object");
    std::vector<std::pair<std::string, std::uint32_t>> entries;
    entries.reserve(found->size());
    for (const auto& [token, id] : found->items()) {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= 0xffffffff) {
            part.malformed("vocab['" + token + "']", "a whole number");
        }
        entries.emplace_back(token, id.get<std::uint32_t>());
    }
    return Vocabulary(std::move(entries));
}

using TokenPair = std::pair<std::string, std::string>;

// "left right", the older of the two ways to write a merge.
TokenPair parse_merge(const DefinitionPart& part, const std::string& line) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
        part.malformed("merges", "pairs of tokens; found '" + line + "'");
    }
    return {line.substr(0, space), line.substr(space + 1)};
}

std::vector<TokenPair> read_merge_pairs(const DefinitionPart& part) {
    const auto found = part.json().find("merges");
    if (found == part.json().end() || !found->is_array()) part.malformed("merges", "an array");
    std::vector<TokenPair> pairs;
    pairs.reserve(found->size());
    for (const Json& merge : *found) {
        if (merge.is_string()) {
            const auto& line = merge.get_ref<const std::string&>();
            if (!line.starts_with("#version")) pairs.push_back(parse_merge(part, line));
        } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
                   merge[1].is_string()) {
            pairs.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
        } else {
            part.malformed("merges", "pairs of tokens");
        }
    }
    return pairs;
}

std::vector<Merge> resolve_merges(const DefinitionPart& part, const Vocabulary& vocabulary,
                                  const std::string& continuing_prefix) {
    const auto id_of = [&](const std::string& token) {
        const auto id = vocabulary.id_of(token);
        if (!id) {
            throw UserError(
                part.place() + ".merges names '" + token + "', which is not in the vocabulary",
                "vocabulary and merges may come from different tokenizers");
        }
        return *id;
    };
    std::vector<Merge> merges;
    for (const auto& [left, right] : read_merge_pairs(part)) {
        if (right.size() < continuing_prefix.size()) part.malformed("merges", "prefixed tokens");
        const std::string merged = left + right.substr(continuing_prefix.size());
        merges.push_back(
            {id_of(left), id_of(right), static_cast<std::uint32_t>(merges.size()), id_of(merged)});
    }
    return merges;
}

}  // namespace

std::unique_ptr<const TokenModel> read_bpe_model(const DefinitionPart& part) {
    BpeOptions options;
    if (part.has("dropout") && part.json()["dropout"] != 0.0) {
        part.unsupported("dropout, which makes tokens random,");
    }
    if (part.has("unk_token")) options.unknown_token = part.string("unk_token");
    if (part.has("continuing_subword_prefix")) {
        options.continuing_prefix = part.string("continuing_subword_prefix");
    }
    if (part.has("end_of_word_suffix")) {
        options.end_of_word_suffix = part.string("end_of_word_suffix");
    }
    options.fuse_unknown = part.boolean("fuse_unk", false);
    options.byte_fallback = part.boolean("byte_fallback", false);
    options.ignore_merges = part.boolean("ignore_merges", false);
    Vocabulary vocabulary = read_vocabulary(part);
    const auto merges = resolve_merges(part, vocabulary, options.continuing_prefix);
    return std::make_unique<BpeModel>(std::move(vocabulary), merges, std::move(options));
}

}  // namespace alluvium

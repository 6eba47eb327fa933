#include "model/tokenizer/tiktoken/tiktoken_parts.h"

#include <array>
#include <charconv>

#include "base/error.h"
#include "model/tokenizer/models/bpe_model.h"
#include "model/tokenizer/text/byte_alphabet.h"

namespace alluvium {
namespace {

constexpr std::string_view kGpt2Pattern =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kCl100kPattern =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+)"
    R"(|\s++\z|\s*[\r\n]|\s+(?!\S)|\s)";
constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kO200kPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+)"
    R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

std::string_view pattern_of(std::string_view encoding) {
    if (encoding == "r50k" || encoding == "p50k") return kGpt2Pattern;
    if (encoding == "cl100k") return kCl100kPattern;
    if (encoding == "llama3") return kLlama3Pattern;
    if (encoding == "o200k") return kO200kPattern;
    throw UserError("the tiktoken encoding '" + std::string(encoding) + "' is not known",
                    "known are r50k, p50k, cl100k, o200k and llama3");
}

[[noreturn]] void malformed(std::size_t line) {
    throw UserError("line " + std::to_string(line) + " is not a token in base64 and its rank",
                    "the file may be truncated; fetch it again");
}

// RFC 4648; nothing where `text` is no base64.
std::optional<std::string> decode_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int waiting = 0;
    for (const char c : text) {
        constexpr std::string_view alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        waiting += 6;
        if (waiting < 8) continue;
        waiting -= 8;
        bytes.push_back(static_cast<char>(bits >> waiting & 0xff));
    }
    return bytes;
}

struct RankedToken {
    std::string bytes;
    std::uint32_t rank = 0;
};

std::optional<RankedToken> parse_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    auto bytes = decode_base64(line.substr(0, space));
    const std::string_view digits = line.substr(space + 1);
    RankedToken token;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), token.rank);
    if (!bytes || bytes->empty() || error != std::errc() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    token.bytes = std::move(*bytes);
    return token;
}

std::vector<RankedToken> parse_lines(std::string_view content) {
    std::vector<RankedToken> tokens;
    for (std::size_t at = 0, number = 1; at < content.size(); ++number) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string_view line = content.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = end + 1;
        if (line.empty()) continue;
        auto token = parse_line(line);
        if (!token) malformed(number);
        tokens.push_back(std::move(*token));
    }
    return tokens;
}

// tiktoken joins two neighbours wherever together they are a token, smallest rank first. As a
// table: every way to cut a token into two others is a merge.
std::vector<Merge> merges_of(const std::vector<RankedToken>& tokens) {
    std::unordered_map<std::string_view, std::uint32_t> ranks;
    for (const RankedToken& token : tokens) ranks.emplace(token.bytes, token.rank);
    std::vector<Merge> merges;
    for (const RankedToken& token : tokens) {
        const std::string_view bytes = token.bytes;
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            const auto left = ranks.find(bytes.substr(0, cut));
            if (left == ranks.end()) continue;
            const auto right = ranks.find(bytes.substr(cut));
            if (right == ranks.end()) continue;
            merges.push_back({left->second, right->second, token.rank, token.rank});
        }
    }
    return merges;
}

void check_bytes(const Vocabulary& vocabulary) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        if (vocabulary.id_of(to_byte_characters({&c, 1}))) continue;
        throw UserError("the byte " + std::to_string(byte) + " has no token",
                        "the file may be truncated; fetch it again");
    }
}

}  // namespace

bool looks_like_tiktoken(std::string_view content) {
    std::string_view line = content.substr(0, content.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return parse_line(line).has_value();
}

PipelineParts parts_from_tiktoken(std::string_view content, std::string_view encoding) {
    const std::vector<RankedToken> tokens = parse_lines(content);
    std::vector<std::pair<std::string, std::uint32_t>> entries;
    for (const RankedToken& token : tokens) {
        entries.emplace_back(to_byte_characters(token.bytes), token.rank);
    }
    Vocabulary vocabulary(std::move(entries));
    check_bytes(vocabulary);
    BpeOptions options;
    options.ignore_merges = true;

    PipelineParts parts;
    parts.model = std::make_unique<BpeModel>(std::move(vocabulary), merges_of(tokens), options);
    const Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
    const Json split = {{"type", "Split"},
                        {"pattern", {{"Regex", pattern_of(encoding)}}},
                        {"behavior", "Isolated"}};
    const Json cutting = {{"type", "Sequence"}, {"pretokenizers", {split, bytes}}};
    parts.pre_tokenizers = read_pre_tokenizers(DefinitionPart(cutting, "pre_tokenizer"));
    parts.decoder = read_decoder(DefinitionPart(bytes, "decoder"));
    parts.added_ids = AddedIds::given;
    return parts;
}

}  // namespace alluvium

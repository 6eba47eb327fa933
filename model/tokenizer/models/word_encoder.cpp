#include "model/tokenizer/models/word_encoder.h"

#include "model/tokenizer/text/byte_alphabet.h"

namespace alluvium {
namespace {

// Which character of `spelled` each of its bytes belongs to.
std::vector<std::uint32_t> character_numbers(std::string_view spelled) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(spelled.size());
    std::uint32_t characters = 0;
    for (const char byte : spelled) {
        const bool starts = (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
        characters += starts ? 1 : 0;
        numbers.push_back(characters - 1);
    }
    return numbers;
}

}  // namespace

void WordEncoder::encode(std::string_view word, WordCache& cache,
                         std::vector<WordToken>& out) const {
    if (const auto known = cache.find(word)) {
        out.insert(out.end(), known->begin(), known->end());
        return;
    }
    const std::size_t before = out.size();
    tokenize(word, out);
    cache.insert(word, std::span(out).subspan(before));
}

void WordEncoder::tokenize(std::string_view word, std::vector<WordToken>& out) const {
    if (!spell_bytes_) {
        model_.tokenize(word, out);
        return;
    }
    const std::size_t before = out.size();
    const std::string spelled = to_byte_characters(word);
    model_.tokenize(spelled, out);
    const std::vector<std::uint32_t> numbers = character_numbers(spelled);
    for (std::size_t i = before; i < out.size(); ++i) {
        out[i].begin = numbers[out[i].begin];
        out[i].end = numbers[out[i].end - 1] + 1;
    }
}

}  // namespace alluvium

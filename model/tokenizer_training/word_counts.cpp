#include "model/tokenizer_training/word_counts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/utf8.h"
#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/pre_tokenizers/pre_tokenizer.h"

namespace alluvium {
namespace {

// Of the language whose occurrences weigh least.
constexpr double kSmallestWeight = 1024;

class WordCutter {
  public:
    explicit WordCutter(const Json& definition)
        : normalizer_(read_normalizer(DefinitionPart(definition["normalizer"], "normalizer"))),
          pre_tokenizers_(
              read_pre_tokenizers(DefinitionPart(definition["pre_tokenizer"], "pre_tokenizer"))) {}

    template <typename Visit>
    void cut(std::string_view text, Visit&& visit) const {
        PieceList pieces(text);
        pieces.edit([this](std::string_view piece) { return normalizer_->changes(piece); },
                    [this](AlignedText& aligned) { normalizer_->apply(aligned); });
        for (const auto& stage : pre_tokenizers_.stages) stage->apply(pieces);
        for (const Piece& piece : pieces.pieces()) visit(pieces.text(piece));
    }

  private:
    std::unique_ptr<const Normalizer> normalizer_;
    PreTokenizers pre_tokenizers_;
};

struct LanguageCounts {
    std::uint64_t bytes = 0;
    std::unordered_map<std::string, std::uint64_t> words;
};

// What one occurrence in each language weighs.
std::vector<double> occurrence_weights(std::span<const std::uint64_t> sizes,
                                       LanguageWeight weight) {
    std::vector<double> weights = language_shares(sizes, weight);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] /= static_cast<double>(std::max<std::uint64_t>(1, sizes[i]));
    }
    double smallest = 0;
    for (const double w : weights) {
        if (w > 0 && (smallest == 0 || w < smallest)) smallest = w;
    }
    for (double& w : weights) w *= smallest > 0 ? kSmallestWeight / smallest : 0;
    return weights;
}

std::map<std::string, LanguageCounts> count_by_language(std::span<const LanguageText> texts,
                                                        const WordCutter& cutter) {
    std::map<std::string, LanguageCounts> languages;
    std::size_t number = 0;
    for (const LanguageText& text : texts) {
        ++number;
        if (const auto at = first_invalid_utf8(text.text)) {
            throw UserError("text " + std::to_string(number) + " is not UTF-8 at byte " +
                            std::to_string(*at));
        }
        LanguageCounts& language = languages[std::string(text.language)];
        language.bytes += text.text.size();
        cutter.cut(text.text, [&](std::string_view word) { ++language.words[std::string(word)]; });
    }
    return languages;
}

}  // namespace

std::vector<CountedWord> count_words(std::span<const LanguageText> texts, const Json& definition,
                                     LanguageWeight weight) {
    const auto languages = count_by_language(texts, WordCutter(definition));
    std::vector<std::uint64_t> sizes;
    for (const auto& [label, language] : languages) sizes.push_back(language.bytes);
    const std::vector<double> weights = occurrence_weights(sizes, weight);

    std::map<std::string, std::uint64_t> total;
    std::size_t i = 0;
    for (const auto& [label, language] : languages) {
        for (const auto& [word, count] : language.words) {
            total[word] +=
                static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * weights[i]));
        }
        ++i;
    }
    std::vector<CountedWord> words;
    words.reserve(total.size());
    for (const auto& [word, count] : total) words.push_back({word, count});
    return words;
}

}  // namespace alluvium

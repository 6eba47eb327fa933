#include "model/tokenizer_training/train_tokenizer.h"

#include "base/error.h"
#include "base/files.h"
#include "model/tokenizer/text/byte_alphabet.h"
#include "model/tokenizer_training/learn_merges.h"
#include "model/tokenizer_training/word_counts.h"

namespace alluvium {
namespace {

using OrderedJson = nlohmann::ordered_json;

// U+200C and U+200D join or part the letters of one word in Indic and Arabic scripts.
constexpr const char* kWordPattern = R"( ?[\p{L}\p{M}\x{200C}\x{200D}]+)"
                                     R"(|\p{N})"
                                     R"(| ?[^\s\p{L}\p{M}\p{N}\x{200C}\x{200D}]+)"
                                     R"(|\s+(?!\S)|\s+)";

OrderedJson byte_level() {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", false},
            {"trim_offsets", false},
            {"use_regex", false}};
}

// Everything of the definition that is not learned.
OrderedJson pipeline() {
    const OrderedJson split = {{"type", "Split"},
                               {"pattern", {{"Regex", kWordPattern}}},
                               {"behavior", "Isolated"},
                               {"invert", false}};
    OrderedJson definition;
    definition["version"] = "1.0";
    definition["truncation"] = nullptr;
    definition["padding"] = nullptr;
    definition["added_tokens"] = OrderedJson::array();
    definition["normalizer"] = {{"type", "NFC"}};
    definition["pre_tokenizer"] = {{"type", "Sequence"},
                                   {"pretokenizers", OrderedJson::array({split, byte_level()})}};
    definition["post_processor"] = byte_level();
    definition["decoder"] = byte_level();
    return definition;
}

OrderedJson bpe_model(const LearnedMerges& learned) {
    OrderedJson vocabulary = OrderedJson::object();
    for (std::size_t id = 0; id < learned.tokens.size(); ++id) {
        vocabulary[to_byte_characters(learned.tokens[id])] = id;
    }
    OrderedJson merges = OrderedJson::array();
    for (const LearnedMerge& merge : learned.merges) {
        merges.push_back({to_byte_characters(learned.tokens[merge.left]),
                          to_byte_characters(learned.tokens[merge.right])});
    }
    OrderedJson model;
    model["type"] = "BPE";
    for (const char* unused :
         {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"}) {
        model[unused] = nullptr;
    }
    for (const char* off : {"fuse_unk", "byte_fallback", "ignore_merges"}) model[off] = false;
    model["vocab"] = std::move(vocabulary);
    model["merges"] = std::move(merges);
    return model;
}

OrderedJson end_of_text_token(std::size_t id) {
    return {{"id", id},        {"content", kEndOfText}, {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false},   {"special", true}};
}

}  // namespace

TrainedTokenizer train_tokenizer(std::span<const LanguageText> texts,
                                 const TokenizerTraining& options, Progress& progress) {
    constexpr std::size_t smallest = 256 + 1;
    if (options.vocabulary < smallest) {
        throw UserError("a vocabulary of " + std::to_string(options.vocabulary) +
                            " tokens is too small for the 256 bytes and the end of a text",
                        "give at least " + std::to_string(smallest));
    }
    TrainedTokenizer result;
    result.definition = pipeline();
    const std::vector<CountedWord> words =
        count_words(texts, Json(result.definition), options.weight);
    const LearnedMerges learned = learn_merges(words, options.vocabulary - 1, progress);
    result.words = words.size();
    result.vocabulary = learned.tokens.size() + 1;
    result.definition["added_tokens"].push_back(end_of_text_token(learned.tokens.size()));
    result.definition["model"] = bpe_model(learned);
    result.config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                     {"eos_token", kEndOfText},
                     {"clean_up_tokenization_spaces", false}};
    return result;
}

void write_tokenizer(const TrainedTokenizer& tokenizer, const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw UserError("cannot create '" + folder.string() + "': " + error.message());
    }
    write_file_atomically(folder / "tokenizer.json", tokenizer.definition.dump(1) + "\n");
    write_file_atomically(folder / "tokenizer_config.json", tokenizer.config.dump(1) + "\n");
}

}  // namespace alluvium

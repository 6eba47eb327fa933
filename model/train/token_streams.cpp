#include "model/train/token_streams.h"

#include <map>

#include "base/error.h"
#include "model/tokenizer/tokenizer.h"
#include "model/train/random_source.h"

namespace alluvium {
namespace {

std::vector<std::int64_t> ids_of(const Prompt& prompt, const Tokenizer* tokenizer) {
    if (!prompt.ids.empty()) return {prompt.ids.begin(), prompt.ids.end()};
    if (tokenizer == nullptr) {
        throw UserError("text '" + prompt.id + "' needs a tokenizer, the checkpoint has none",
                        "add its tokenizer.json to the folder, or give token ids in a .jsonl file");
    }
    try {
        const Encoding encoding = tokenizer->encode(prompt.text, AddBos::no);
        return {encoding.ids.begin(), encoding.ids.end()};
    } catch (const UserError& e) {
        throw UserError("text '" + prompt.id + "': " + e.what(), e.hint());
    }
}

TokenStream make_stream(const std::string& language, std::vector<const Prompt*> prompts,
                        const Tokenizer* tokenizer, RandomSource& random) {
    TokenStream stream;
    stream.language = language;
    random.shuffle(prompts);
    const auto end = tokenizer != nullptr ? tokenizer->eos() : std::nullopt;
    for (const Prompt* prompt : prompts) {
        const std::vector<std::int64_t> ids = ids_of(*prompt, tokenizer);
        if (ids.empty()) continue;
        stream.ids.insert(stream.ids.end(), ids.begin(), ids.end());
        if (end) stream.ids.push_back(*end);
        stream.bytes += prompt->text.size();
        ++stream.texts;
        stream.parts.push_back({std::ssize(stream.ids), prompt->text.size()});
    }
    return stream;
}

}  // namespace

std::vector<TokenStream> token_streams(const std::vector<Prompt>& prompts,
                                       const Tokenizer* tokenizer, const StreamOptions& options) {
    std::map<std::string, std::vector<const Prompt*>> by_language;
    for (const Prompt& prompt : prompts) by_language[prompt.language].push_back(&prompt);
    std::vector<TokenStream> streams;
    RandomSource random(options.seed);
    for (const auto& [language, texts] : by_language) {
        TokenStream stream = make_stream(language, texts, tokenizer, random);
        stream.expert = options.expert_of(language);
        if (stream.ids.size() > 1) streams.push_back(std::move(stream));
    }
    if (streams.empty()) {
        throw UserError("the training texts hold no two tokens",
                        "a model learns from a token and the one after it");
    }
    return streams;
}

}  // namespace alluvium

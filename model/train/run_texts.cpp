#include "model/train/run_texts.h"

#include <algorithm>
#include <optional>

#include "captures/languages.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

class TextReader {
  public:
    TextReader(const Checkpoint& checkpoint, const RunSetup& setup, const TrainOptions& options)
        : folder_(checkpoint.folder()),
          options_{[&setup](const std::string& language) {
                       return setup.experts.expert_of(language, LanguageTable::instance());
                   },
                   options.seed} {}

    std::vector<TokenStream> streams(const std::vector<Prompt>& texts) {
        const bool text =
            std::ranges::any_of(texts, [](const Prompt& prompt) { return prompt.ids.empty(); });
        if (text && !tokenizer_) tokenizer_ = Tokenizer::open(folder_);
        return token_streams(texts, tokenizer_ ? &*tokenizer_ : nullptr, options_);
    }

  private:
    std::filesystem::path folder_;
    StreamOptions options_;
    std::optional<Tokenizer> tokenizer_;
};

}  // namespace

RunTexts read_run_texts(const Checkpoint& checkpoint, const TrainingTexts& texts,
                        const RunSetup& setup, const TrainOptions& options) {
    TextReader reader(checkpoint, setup, options);
    RunTexts result;
    if (options.batches.empty()) {
        result.batches = std::make_unique<SampledBatches>(
            reader.streams(texts.training),
            SamplingOptions{options.sequences, options.length, options.weight, options.seed});
    } else {
        result.batches = std::make_unique<RecordedBatches>(options.batches);
    }
    if (!texts.validation.empty()) result.validation = reader.streams(texts.validation);
    return result;
}

}  // namespace alluvium

#pragma once
// Where a training run's batches come from.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "model/tokenizer_training/language_weight.h"
#include "model/train/random_source.h"
#include "model/train/token_streams.h"
#include "model/train/training_pass.h"

namespace alluvium {

class BatchSource {
  public:
    virtual ~BatchSource() = default;
    // UserError where there is none left.
    virtual TrainingBatch next() = 0;
    // Goes past so many batches, as fast as it can.
    virtual void skip(std::int64_t batches) = 0;
};

struct SamplingOptions {
    std::int64_t sequences = 16;  // per batch
    std::int64_t length = 256;    // predicting tokens per sequence
    LanguageWeight weight = LanguageWeight::square_root;
    std::uint64_t seed = 1;
};

// Draws each sequence's language, then takes the language's next window of length + 1 tokens.
// Windows cover a stream once, in random order, before any is taken again; each round cuts the
// stream at other places. The sequence of batches depends on the streams and the options only.
class SampledBatches final : public BatchSource {
  public:
    SampledBatches(std::vector<TokenStream> streams, const SamplingOptions& options);

    TrainingBatch next() override;
    void skip(std::int64_t batches) override;

  private:
    // The windows of one language that are left in this round.
    struct Round {
        std::vector<std::int64_t> starts;  // taken from the back
    };
    struct Window {
        std::size_t stream = 0;
        std::int64_t start = 0;
    };

    Window draw();
    void begin_round(std::size_t stream);

    std::vector<TokenStream> streams_;
    SamplingOptions options_;
    std::vector<double> cumulative_;  // shares of the languages, added up
    std::vector<Round> rounds_;
    RandomSource random_;
};

// Batches as a file gives them, one JSON object a line and step: {"ids": [[S + 1 ids] x B],
// "language": [expert number x B]}; to repeat another program's run.
class RecordedBatches final : public BatchSource {
  public:
    explicit RecordedBatches(const std::filesystem::path& path);  // UserError where it is not there

    TrainingBatch next() override;
    void skip(std::int64_t batches) override;

  private:
    std::string read_line();

    std::string path_;
    std::ifstream in_;
    std::int64_t line_ = 0;
};

}  // namespace alluvium

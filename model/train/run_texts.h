#pragma once
// The texts of a run, ready to be taken batch by batch.
#include <memory>
#include <vector>

#include "model/train/batch_source.h"
#include "model/train/run_setup.h"
#include "model/train/token_streams.h"

namespace alluvium {

struct RunTexts {
    std::unique_ptr<BatchSource> batches;
    std::vector<TokenStream> validation;
};

// Tokenized with the checkpoint's own tokenizer, which is opened only where a text is not given as
// token ids. UserError names what cannot be read or tokenized.
RunTexts read_run_texts(const Checkpoint& checkpoint, const TrainingTexts& texts,
                        const RunSetup& setup, const TrainOptions& options);

}  // namespace alluvium

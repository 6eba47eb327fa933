#pragma once
// The options that every command which trains shares: texts, batches, optimiser.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "model/train/text_selection.h"
#include "model/train/train.h"

namespace alluvium {

struct TrainFlags {
    std::vector<std::string> texts, validation, traced;
    TextSelection selection;  // of `texts`: what is not learnt is still validated
    std::string weight = "sqrt";
    std::string schedule = "cosine";
    TrainOptions train;

    void add_texts_to(CLI::App& command);
    void add_batches_to(CLI::App& command);
    void add_optimiser_to(CLI::App& command);

    TrainOptions parsed() const;
    TrainingTexts read_texts() const;
};

}  // namespace alluvium

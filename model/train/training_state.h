#pragma once
// What a run needs to go on exactly where it was: master weights, optimiser moments, the step. One
// file, which is replaced as a whole or not at all.
#include <cstdint>
#include <filesystem>

#include "base/json.h"
#include "model/train/adamw.h"
#include "model/train/trained_weights.h"

namespace alluvium {

inline constexpr const char* kTrainingState = "training.state";

struct RunPosition {
    std::int64_t step = 0;  // finished
    std::int64_t tokens = 0;
    Json options;  // everything that decides the run's result
};

// RunError where the disk is full; the file of before is then still there.
void save_training_state(const std::filesystem::path& folder, const RunPosition& position,
                         const TrainedWeights& weights, AdamW& optimiser);

// Only the position, to check whether a run fits. UserError where there is no state or it is
// damaged.
RunPosition read_run_position(const std::filesystem::path& folder);

// Everything into `weights` and `optimiser`, which have the shapes of the run that was saved.
// UserError where they have not.
void load_training_state(const std::filesystem::path& folder, const TrainedWeights& weights,
                         AdamW& optimiser);

}  // namespace alluvium

#pragma once
// What a training run is, worked out from the checkpoint, the texts and the options before anything
// is loaded or written.
#include "model/train/expert_assignment.h"
#include "model/train/train.h"
#include "model/train/training_pass.h"
#include "model/train/training_state.h"

namespace alluvium {

struct RunSetup {
    ModelSpec spec;
    PassOptions pass;
    at::ScalarType master = at::kFloat;
    std::string dtype_word;  // of the matrix products
    std::string save_dtype;  // "BF16", "F16", "F32"
    ExpertAssignment experts;
    std::uint64_t step_tokens = 0;  // for progress
    Json deciding_options;          // a run may be resumed under equal ones only
    Json base_config;               // of the source
    std::string config_path;        // for errors
    Json lineage_step;

    // The config of the checkpoint at a position of the run.
    Json config(const RunPosition& position) const;
};

// UserError where the options contradict the model or each other, or a text's language has no
// expert that the routing needs.
RunSetup set_up_run(const Checkpoint& checkpoint, const std::vector<Prompt>& texts,
                    const TrainOptions& options);

// UserError naming the first option that differs from the run saved in `out`.
void check_resumable(const std::filesystem::path& out, const RunSetup& setup);

}  // namespace alluvium

#pragma once
// What a training run leaves in its folder for others to watch (docs/training.md): log.csv,
// validation.csv, run.json.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace alluvium {

// A row of log.csv. What a run does not have is NaN.
struct TrainingStep {
    std::int64_t step = 0;     // from 1
    std::uint64_t tokens = 0;  // so far
    double loss = 0;           // nats per token
    double balance_loss = 0;
    double gradient_norm = 0;
    double learning_rate = 0;
    double routing_entropy = 0;   // nats
    double own_expert_share = 0;  // of tokens
    double tokens_per_s = 0;
};

// A row of validation.csv; the language "mean" is the mean over the languages.
struct ValidationLoss {
    std::int64_t step = 0;
    std::string language;
    double nats_per_token = 0;
    double nats_per_byte = 0;
};

struct TrainingRun {
    std::string name;  // the folder's
    std::vector<TrainingStep> steps;
    std::vector<ValidationLoss> validation;
    // Of run.json; runs of older versions have none.
    std::int64_t planned_steps = 0;    // 0: unknown
    std::vector<std::string> command;  // the program's arguments; empty: unknown
    std::filesystem::path started_in;  // where its relative paths start

    bool finished() const {
        return planned_steps > 0 && !steps.empty() && steps.back().step >= planned_steps;
    }
};

inline constexpr const char* kRunRecord = "run.json";

bool is_training_run(const std::filesystem::path& folder);

// Reads a run that may be going on: a last line that is not written to its end is left out.
// UserError where the folder holds no log.csv, or a table with other columns.
TrainingRun read_training_run(const std::filesystem::path& folder);

// The text of run.json.
std::string run_record(const TrainingRun& run);

}  // namespace alluvium

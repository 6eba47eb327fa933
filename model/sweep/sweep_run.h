#pragma once
// One run of a sweep: the model is made of the dense one, trained and scored.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/progress.h"
#include "model/sweep/sweep_plan.h"
#include "model/train/train.h"
#include "model/upcycle/upcycle.h"

namespace alluvium {

// The group of a score that is the mean over languages.
inline constexpr const char* kSweepMean = "mean";

// One number about a trained model. Values that are not finite are missing.
struct SweepScore {
    std::string measure;  // "nats_per_byte", "topic_accuracy", ...
    std::string group;    // a language, or kSweepMean
    double value = 0;
    double low = 0, high = 0;  // 95 % interval
    std::int64_t count = 0;    // of what was scored: texts, questions
};

struct SweepResult {
    std::vector<LayerId> routed;
    std::uint64_t parameters = 0, active_parameters = 0;
    std::int64_t steps = 0, tokens = 0;
    std::vector<SweepScore> scores;
};

using ScoreFunction = std::function<std::vector<SweepScore>(const Checkpoint&, Progress&)>;

struct SweepSetting {
    std::filesystem::path folder;  // each run has its own inside
    UpcycleOptions upcycling;      // its layers are the run's
    TrainOptions training;         // its routing is the run's
    TrainingTexts texts;
    std::string
        scored_by;  // what `score` depends on, in words: part of what makes a result current
    ScoreFunction score;
};

// A run whose result lies in its folder is not done again, one that was interrupted is resumed.
// Progress counts what is under way: bytes made, tokens learnt, tokens scored. Errors as upcycle(), widen() and train(); UserError where
// the folder holds a result under other options.
SweepResult carry_out(const Checkpoint& dense, const SweepRun& run, const SweepSetting& setting,
                      Progress& progress);

}  // namespace alluvium

#pragma once
// Next-token training on tagged text with language-aware routing (arXiv 2410.10626).
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/prompt_file.h"
#include "model/checkpoint/checkpoint.h"
#include "model/tokenizer_training/language_weight.h"
#include "model/train/adamw.h"
#include "model/train/learning_rate.h"
#include "model/train/training_routing.h"

namespace alluvium {

struct TrainOptions {
    std::string routing = "auto";  // auto: dense for dense models, top-k for the others
    bool families = false;         // experts stand for the 7 families, whatever the config says
    std::vector<std::string> languages;  // of the experts, where the config does not say

    std::int64_t sequences = 16;
    std::int64_t length = 256;
    LanguageWeight weight = LanguageWeight::square_root;
    std::filesystem::path batches;  // recorded ones, in place of texts

    Schedule schedule;
    AdamWOptions adamw;
    double clip = 1.0;  // of the gradients' common norm; 0: none
    double balance_coefficient = 0;
    std::string dtype =
        "auto";  // of matrix products: auto (bf16 on CPUs with bf16 units), f32, bf16, f64
    std::string save_dtype = "auto";  // auto (the checkpoint's), f32, bf16, f16
    std::uint64_t seed = 1;
    int threads = 0;  // 0: one per core

    std::int64_t save_every = 0;      // steps; 0: at the end only
    std::int64_t validate_every = 0;  // steps; 0: at the end only, where there are texts for it
    std::int64_t snapshot_every = 0;  // steps between checkpoints that are kept; 0: none
    std::int64_t trace_every = 0;     // steps between captures of TrainingTexts::traced; 0: none
    bool resume = false;
    bool overwrite = false;
    std::filesystem::path log;        // empty: OUT/log.csv
    // The program's arguments, kept in OUT/run.json: who finds the folder can go on with the run.
    std::vector<std::string> command;
    std::filesystem::path gradients;  // write those of the first step there, then stop
};

struct TrainingTexts {
    std::vector<Prompt> training;    // none where the options name recorded batches
    std::vector<Prompt> validation;  // may be none
    std::vector<Prompt> traced;      // prompts whose routing is captured on the way; may be none
};

struct TrainSummary {
    std::int64_t steps = 0;      // finished, of the whole run
    std::int64_t steps_run = 0;  // in this call
    std::int64_t tokens = 0;     // in this call
    double seconds = 0;          // in steps
    double first_loss = 0;       // of this call, nats per token
    double last_loss = 0;
    std::optional<double> validation_loss;  // the latest: nats per token, mean over languages
    std::string routing, dtype;
};

// Trains `checkpoint` on the texts and leaves the result in `out`: a checkpoint of the same layout,
// its tokenizer, the log and the state to resume from. Progress counts tokens. Depends on its
// inputs, the options and the number of threads only.
//
// Cancelled: after the running step, everything saved. UserError: options that contradict the
// model, a text whose language has no expert, a run that does not fit the one to be resumed.
// RunError: disk full, or a loss that is no number; the last saved checkpoint stays.
TrainSummary train(const Checkpoint& checkpoint, const TrainingTexts& texts,
                   const std::filesystem::path& out, const TrainOptions& options,
                   Progress& progress);

}  // namespace alluvium

#pragma once
// A checkpoint made ready to run: its weights on a device and its tokenizer.
#include <filesystem>
#include <memory>
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/forward/model.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

struct EngineOptions {
    std::string device = "auto";  // auto | cpu | cuda | cuda:N
    std::string dtype = "auto";   // auto | f32 | bf16 | f16, of the computation
    int threads = 0;              // 0: one per core
};

struct Engine {
    CheckpointPtr checkpoint;
    std::string checkpoint_id;
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // null where the folder has none
    std::string tokenizer_problem;               // why, where it is null
};

// UserError where the folder cannot be run, RunError where the memory does not suffice. A folder
// without a tokenizer still runs prompts that are token ids.
Engine load_engine(const std::filesystem::path& folder, const EngineOptions& options);

}  // namespace alluvium

#pragma once
// A checkpoint made ready to run: its weights on a device and its tokenizer.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/forward/memory_plan.h"
#include "model/forward/model.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

struct EngineOptions {
    std::string device = "auto";  // auto | cpu | cuda | cuda:N
    std::string dtype = "auto";   // auto | f32 | bf16 | f16, of the computation
    int threads = 0;              // 0: one per core
    // Bytes that may be held (see plan_memory); 0: what is free. A model that needs more is
    // streamed layer by layer.
    std::uint64_t memory = 0;
    std::filesystem::path adapter{};  // a LoRA adapter's folder, merged on reading; empty: none
    // Told what was found about memory, before the weights are loaded.
    std::function<void(const MemoryPlan&)> before_loading{};
};

struct Engine {
    CheckpointPtr checkpoint;
    std::string checkpoint_id;
    MemoryPlan memory;
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // null where the folder has none
    std::string tokenizer_problem;               // why, where it is null
};

// The folder's checkpoint, with the options' adapter.
CheckpointPtr open_checkpoint(const std::filesystem::path& folder,
                              const std::filesystem::path& adapter);

// UserError where the folder cannot be run, RunError where the memory does not suffice. A folder
// without a tokenizer still runs prompts that are token ids.
Engine load_engine(const std::filesystem::path& folder, const EngineOptions& options);

}  // namespace alluvium

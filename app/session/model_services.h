#pragma once
// The model room as the session sees it: a few functions, so that the session builds and is tested
// without libtorch, and a test can put a model of its own in its place.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/live_tokens.h"
#include "captures/prompt_file.h"

namespace alluvium {

// What a checkpoint is, from its headers alone.
struct CheckpointSummary {
    std::string name;
    std::string family;
    std::string router;  // the rule in one sentence; empty where no layer is routed
    int layers = 0;
    int routed_layers = 0;
    int experts = 0;  // of the first routed layer
    int top_k = 0;
    std::uint64_t parameters = 0;
    std::uint64_t bytes_on_disk = 0;
    std::optional<std::uint64_t> memory_needed;
    std::vector<std::string> problems;  // what stands in the way of running it; empty: it runs
};

struct CaptureJob {
    std::filesystem::path checkpoint;
    std::vector<Prompt> prompts;
    std::string prompt_set_name;   // what verdicts call them
    std::filesystem::path output;  // its folder exists
    bool only_experts = false;     // no weights and logits
    // What two prompts have in common at their start is computed to the same bits, where the device
    // can do that.
    bool same_bits = false;
    std::uint32_t generate = 0;  // greedy tokens behind each prompt
    LiveObserver live = {};      // sees the tokens while they are generated
};

struct ModelServices {
    // Reads headers only; called on any thread. UserError where the folder is no checkpoint.
    std::function<CheckpointSummary(const std::filesystem::path& folder)> describe;
    // Runs the prompts and writes the trace; called on the model thread only. Progress counts
    // tokens. Throws what capture() throws.
    std::function<void(const CaptureJob& job, Progress& progress)> capture;

    bool available() const { return describe && capture; }
};

// Runs the capture; creates the output's folder, and removes what a cancelled or failed run left.
void run_capture(const ModelServices& model, const CaptureJob& job, Progress& progress);

// The real thing; not available() in a program that was built without libtorch.
ModelServices model_services();

}  // namespace alluvium

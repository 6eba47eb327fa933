#pragma once
// Committed miniature checkpoints with prompts of token ids.
#include <random>

#include "model/intervene/intervene.h"
#include "tests/model/goldens.h"

namespace alluvium::test {

// Prompts in languages "a" and "b" in turn, two of them always translations of each other.
inline std::vector<Prompt> id_prompts(std::size_t count, std::uint32_t vocabulary) {
    std::mt19937 engine(3);
    std::vector<Prompt> prompts;
    for (std::size_t i = 0; i < count; ++i) {
        Prompt& prompt = prompts.emplace_back();
        prompt.id = "p" + std::to_string(i);
        prompt.language = i % 2 == 0 ? "a" : "b";
        prompt.group = "g" + std::to_string(i / 2);
        for (std::size_t t = 0; t < 6 + i; ++t) {
            prompt.ids.push_back(static_cast<std::uint32_t>(engine()) % vocabulary);
        }
    }
    return prompts;
}

inline Engine tiny_engine(const std::string& golden) {
    return load_engine(golden_checkpoint(golden), {.device = "cpu", .dtype = "f32"});
}

inline InterventionResult run_tiny(const Engine& engine, const std::vector<Prompt>& prompts,
                                   Variant together, std::size_t controls = 2) {
    InterveneOptions options;
    options.together = std::move(together);
    options.controls = controls;
    options.resamples = 100;
    options.batch_tokens = 40;
    Progress progress;
    return intervene(engine, prompts, options, progress);
}

}  // namespace alluvium::test

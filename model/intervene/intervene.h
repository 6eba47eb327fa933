#pragma once
// Changes the routing of prompts and measures what that does to the model's predictions, language
// by language, beside random controls that change as much:
//
//     const Engine engine = load_engine(folder, {});
//     InterveneOptions options;
//     options.together = {{.op = Operator::drop, .targets = {{7, 4}}},
//                         {.op = Operator::force, .targets = {{6, 2}}}};
//     const InterventionResult result = intervene(engine, prompts, options, progress);
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/prompt_file.h"
#include "model/capture/engine.h"
#include "model/evaluate/question.h"
#include "model/evaluate/score_tables.h"
#include "model/intervene/intervention.h"
#include "model/intervene/paired_bootstrap.h"

namespace alluvium {

// What acts together in one changed run.
using Variant = std::vector<Intervention>;

struct InterveneOptions {
    Variant together;  // mean terms and shifts come from the run itself; none: nothing changes
    std::size_t controls = 10;
    std::uint64_t seed = 1;  // of controls and bootstrap
    std::size_t resamples = 2000;
    std::uint64_t batch_tokens = 512;  // prompts are never split
    AddBos add_bos = AddBos::automatic;
    bool include_special = false;  // judge predictions of BOS and template tokens too
};

// Where an effect stands among those of the controls.
struct ControlSpread {
    std::size_t n = 0;
    double mean = 0;
    double sd = 0;             // sample standard deviation; NaN for fewer than 2
    double low = 0;            // the smallest
    double high = 0;           // the largest
    std::size_t at_least = 0;  // controls whose effect is at least the intervention's
    double p = 1;              // (1 + at_least) / (1 + n): never below 1 / (1 + n)
};

struct Effect {
    Estimate estimate;
    std::vector<double> controls;  // of each control
    ControlSpread spread;
};

// A token is judged where the prompt has a next one.
struct LanguageEffect {
    std::string language;  // label
    std::size_t prompts = 0;
    std::uint64_t tokens = 0;   // judged
    std::uint64_t missing = 0;  // left out: a number was not finite in some run
    // Share of the language's tokens that chose a target in the unchanged run, mean over targets;
    // NaN where no expert is named (swap). Chance: top_k / experts.
    double visited = 0;
    double visited_by_controls = 0;
    Effect nll_change;   // nats per token; above 0: predicted worse
    Effect kl;           // KL(unchanged || changed), nats per token
    Effect top1_change;  // share of tokens whose most likely next token is another one
};

// Tokens of the unchanged run that chose the target.
struct TargetLoad {
    ExpertTarget target;
    std::uint64_t tokens = 0;
};

struct InterventionResult {
    std::vector<TargetLoad> targets;                // of all interventions, each once
    std::vector<std::vector<TargetLoad>> controls;  // empty sets where no expert is named
    std::vector<Variant> variants;                  // what acted together, then the controls
    std::vector<LanguageEffect> languages;          // alphabetical
    std::vector<std::string> notes;                 // what the reader has to know

    const Variant& together() const { return variants.front(); }

    // [languages][languages] difference of NLL changes, row minus column; paired where translation
    // groups tie the prompts.
    std::vector<std::vector<Estimate>> differences;
};

// One unchanged run for loads and means, then for each batch an unchanged run, a changed one and
// one for each control, from the first changed layer on. On the CPU every row is computed with the
// same tile shapes, so that a prompt whose routing does not change has an effect of exactly 0.
// Progress counts tokens times runs. UserError where the rule cannot follow, a selected language
// has no prompt, or nothing can be judged; throws Cancelled.
InterventionResult intervene(const Engine& engine, const std::vector<Prompt>& prompts,
                             const InterveneOptions& options, Progress& progress);

}  // namespace alluvium

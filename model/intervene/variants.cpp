#include "model/intervene/variants.h"

#include <ATen/ATen.h>

#include "model/intervene/controls.h"
#include "model/train/random_source.h"

namespace alluvium {
namespace {

std::string told(std::size_t found, std::size_t wanted) {
    return std::to_string(found) + " controls in the place of " + std::to_string(wanted) +
           ": the layers have no more other experts";
}

std::vector<Intervention> expert_variants(const InterveneOptions& options, const RunStatistics& run,
                                          std::vector<std::string>& notes) {
    Intervention changed = options.intervention;
    if (changed.op == Operator::mean) {
        for (const LayerId layer : changed_layers(changed)) {
            changed.mean_terms[layer] = run.mean_terms(layer);
        }
    }
    std::vector<Intervention> variants = {changed};
    const auto load = [&](LayerId layer) { return run.load(layer); };
    for (auto& targets : matched_controls(changed.targets, load, options.controls, options.seed)) {
        variants.push_back(changed);
        variants.back().targets = std::move(targets);
    }
    if (variants.size() - 1 < options.controls) {
        notes.push_back(told(variants.size() - 1, options.controls));
    }
    return variants;
}

at::Tensor shuffled(const at::Tensor& shift, RandomSource& random) {
    std::vector<std::int64_t> order;
    for (std::int64_t e = 0; e < shift.size(0); ++e) order.push_back(e);
    random.shuffle(order);
    return shift.index_select(0, at::tensor(order, at::kLong));
}

std::vector<Intervention> swap_variants(const InterveneOptions& options, const RunStatistics& run,
                                        const JudgedPrompts& prompts) {
    const LanguageSwap& swap = *options.swap;
    const std::size_t from = prompts.language_index(swap.from, "--swap");
    const std::size_t to = prompts.language_index(swap.to, "--swap");
    Intervention changed = options.intervention;
    changed.rows.languages = {swap.from};
    for (const LayerId layer : swap.layers) {
        changed.shifts[layer] = run.mean_logits(layer, to) - run.mean_logits(layer, from);
    }
    std::vector<Intervention> variants = {changed};
    RandomSource random(options.seed);
    while (variants.size() - 1 < options.controls) {
        variants.push_back(changed);
        for (auto& [layer, shift] : variants.back().shifts) shift = shuffled(shift, random);
    }
    return variants;
}

}  // namespace

std::vector<Intervention> make_variants(const InterveneOptions& options, const RunStatistics& run,
                                        const JudgedPrompts& prompts,
                                        std::vector<std::string>& notes) {
    return options.swap ? swap_variants(options, run, prompts)
                        : expert_variants(options, run, notes);
}

}  // namespace alluvium

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

void complete(Intervention& change, const RunStatistics& run, const JudgedPrompts& prompts) {
    if (change.op == Operator::mean) {
        for (const LayerId layer : changed_layers({&change, 1})) {
            change.mean_terms[layer] = run.mean_terms(layer);
        }
    }
    if (!change.swap) return;
    const std::size_t from = prompts.language_index(change.swap->from, "--swap");
    const std::size_t to = prompts.language_index(change.swap->to, "--swap");
    for (const LayerId layer : change.swap->layers) {
        change.shifts[layer] = run.mean_logits(layer, to) - run.mean_logits(layer, from);
    }
}

at::Tensor shuffled(const at::Tensor& shift, RandomSource& random) {
    std::vector<std::int64_t> order;
    for (std::int64_t e = 0; e < shift.size(0); ++e) order.push_back(e);
    random.shuffle(order);
    return shift.index_select(0, at::tensor(order, at::kLong));
}

// The targets of each control; without any target all are alike, and shifts tell them apart.
std::vector<TargetLists> control_targets(const Variant& together, const InterveneOptions& options,
                                         const RunStatistics& run) {
    TargetLists lists;
    for (const Intervention& i : together) lists.push_back(i.targets);
    const bool experts = !targets_of(together).empty();
    const auto load = [&](LayerId layer) { return run.load(layer); };
    if (experts) return matched_controls(lists, load, options.controls, options.seed);
    return std::vector<TargetLists>(together.empty() ? 0 : options.controls, lists);
}

}  // namespace

std::vector<Variant> make_variants(const InterveneOptions& options, const RunStatistics& run,
                                   const JudgedPrompts& prompts, std::vector<std::string>& notes) {
    std::vector<Variant> variants = {options.together};
    for (Intervention& change : variants[0]) complete(change, run, prompts);
    RandomSource random(options.seed);
    for (const TargetLists& lists : control_targets(variants[0], options, run)) {
        Variant& control = variants.emplace_back(variants[0]);
        for (std::size_t i = 0; i < control.size(); ++i) {
            control[i].targets = lists[i];
            for (auto& [layer, shift] : control[i].shifts) shift = shuffled(shift, random);
        }
    }
    const std::size_t made = variants.size() - 1;
    if (made < options.controls && !options.together.empty()) {
        notes.push_back(told(made, options.controls));
    }
    return variants;
}

}  // namespace alluvium

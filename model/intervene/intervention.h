#pragma once
// A change of what routers do, as plain data. Several may act together: a list of them is one
// change of a run (intervention_edit.h makes a forward pass obey it). In which order they stand
// does not matter: what is added to logits is added first, then experts are taken away and forced,
// then terms are left out or replaced.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/forward/token_batch.h"
#include "model/intervene/targets.h"

namespace alluvium {

// Selection scores are what the rule ranks experts by (docs/families.md): score plus bias, not the
// score that weights are made of.
enum class Operator {
    // The selection score of the targets is -inf: the next experts take over. Weights follow from
    // the rule for the new choice. Under sparsemixer, which ranks logits, the logit is -inf.
    reroute,
    // The term w_e f_e(x) of a chosen target is left out; the other terms keep their weights.
    drop,
    // The term of a chosen target is replaced by its mean over all tokens that chose the target in
    // the unchanged run.
    mean,
    // z_e + lambda * std(z), the standard deviation over the token's E logits (population).
    // Scores, choice and weights follow from the new logits.
    boost,
    // Targets are among the chosen: their selection score is +inf. Where a target was absent it
    // takes the place of the last of the k; its weight is what the rule gives that set. Tokens that
    // chose all targets anyway are untouched.
    force,
    // z + (mean z of another language - mean z of the token's language): the language is routed as
    // the other one is on average; what tells its tokens apart stays. Means are of the unchanged
    // run.
    swap,
};

std::string_view operator_word(Operator op);  // "reroute", ...

// Which tokens are subject to a change.
struct RowSelection {
    std::int64_t first_position = 0;            // in the prompt, from 0
    std::optional<std::int64_t> last_position;  // inclusive; nothing: to the end
    std::vector<std::string> languages{};       // labels; empty: all

    bool everything() const { return first_position == 0 && !last_position && languages.empty(); }
};

// `from`'s tokens are routed as `to`'s are on average, in these layers.
struct LanguageSwap {
    std::string from, to;
    std::vector<LayerId> layers;
};

struct Intervention {
    Operator op = Operator::reroute;
    std::vector<ExpertTarget> targets{};  // ascending; none for swap
    double lambda = 1.0;                  // boost
    RowSelection rows{};                  // of a swap: those of its first language
    std::optional<LanguageSwap> swap{};   // swap
    // What an unchanged run has to tell first:
    std::map<LayerId, at::Tensor> mean_terms{};  // mean: [E, H] f32, mean of w_e f_e(x)
    std::map<LayerId, at::Tensor> shifts{};      // swap: [E] f32, added to the logits
};

Intervention swap_intervention(LanguageSwap swap);

// "boost 7:4 (lambda 0.5), positions 0..3, languages fr": without the means it works with.
std::string intervention_words(const Intervention& intervention);
// "drop 3:5 + force 7:2": of all that act together.
std::string interventions_words(std::span<const Intervention> together);

// The layers that they change, ascending.
std::vector<LayerId> changed_layers(std::span<const Intervention> together);

// The experts that they name, ascending, each once.
std::vector<ExpertTarget> targets_of(std::span<const Intervention> together);

// UserError where the model's rule cannot follow them on some token: fewer experts left than have
// to be chosen, more forced than are chosen, forced experts under sparsemixer (whose weights exist
// for its own choice only), an expert both forced and rerouted, or both dropped and replaced by
// its mean.
void check_interventions(std::span<const Intervention> together, const ModelSpec& spec);

// [T] bool on the CPU: the batch's rows that the selection holds.
at::Tensor selected_rows(const RowSelection& selection, const TokenBatch& batch);

}  // namespace alluvium

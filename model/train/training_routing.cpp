#include "model/train/training_routing.h"

#include <string>

#include <ATen/ATen.h>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr TrainingRouting kAll[] = {TrainingRouting::dense, TrainingRouting::top_k,
                                    TrainingRouting::hybrid_k, TrainingRouting::language_only};

// [T] whether the language's expert is among the chosen.
at::Tensor holds_own(const at::Tensor& experts, const at::Tensor& language) {
    return experts.eq(language.unsqueeze(1)).any(1);
}

// The language's expert in place of the last one where it is absent.
at::Tensor with_own_expert(const at::Tensor& experts, const at::Tensor& language) {
    const std::int64_t last = experts.size(1) - 1;
    const at::Tensor absent =
        holds_own(experts, language).logical_not().logical_and(language.ge(0));
    const at::Tensor replaced = at::where(absent, language, experts.select(1, last));
    return at::cat({experts.narrow(1, 0, last), replaced.unsqueeze(1)}, 1);
}

}  // namespace

TrainingRouting parse_training_routing(std::string_view word) {
    for (const TrainingRouting routing : kAll) {
        if (word == training_routing_word(routing)) return routing;
    }
    throw UserError("routing '" + std::string(word) +
                    "' is none of lang-spec, top-k, hybrid-k, dense");
}

std::string_view training_routing_word(TrainingRouting routing) {
    switch (routing) {
        case TrainingRouting::top_k:
            return "top-k";
        case TrainingRouting::hybrid_k:
            return "hybrid-k";
        case TrainingRouting::language_only:
            return "lang-spec";
        case TrainingRouting::dense:
            break;
    }
    return "dense";
}

TrainingChoice choose_experts(const at::Tensor& logits, const RouterSpec& rule,
                              TrainingRouting routing, const at::Tensor& language) {
    TrainingChoice choice;
    choice.probabilities = at::softmax(logits, -1);
    const at::Tensor best = std::get<1>(choice.probabilities.detach().topk(rule.top_k, -1));
    choice.own_tokens = language.ge(0).sum().item<std::int64_t>();
    if (choice.own_tokens > 0) {
        choice.own_share =
            holds_own(best, language).sum().item<double>() / static_cast<double>(choice.own_tokens);
    }
    if (routing == TrainingRouting::language_only) {
        choice.experts = language.unsqueeze(1);
        choice.weights = at::ones_like(choice.experts, logits.options());
        return choice;
    }
    choice.experts = routing == TrainingRouting::hybrid_k ? with_own_expert(best, language) : best;
    choice.weights = choice.probabilities.gather(1, choice.experts);
    if (rule.renormalise) {
        choice.weights =
            choice.weights / (choice.weights.sum(-1, /*keepdim=*/true) + renormalise_epsilon);
    }
    return choice;
}

at::Tensor balance_loss(const TrainingChoice& choice) {
    const std::int64_t experts = choice.probabilities.size(1);
    const at::Tensor share =
        at::bincount(choice.experts.flatten(), {}, experts).to(choice.probabilities.scalar_type()) /
        static_cast<double>(choice.experts.numel());
    return (share * choice.probabilities.mean(0)).sum() * static_cast<double>(experts);
}

double mean_entropy(const at::Tensor& probabilities) {
    const at::Tensor p = probabilities.detach();
    return at::special_entr(p).sum(-1).mean().item<double>();
}

}  // namespace alluvium

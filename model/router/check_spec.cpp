#include "base/error.h"
#include "model/router/router_spec.h"

namespace alluvium {

namespace {

void require(bool holds, const std::string& fault) {
    if (!holds) {
        throw UserError("router: " + fault,
                        "compare the routing keys of config.json with the shape "
                        "of the router's weight tensor");
    }
}

void check_groups(const RouterSpec& spec) {
    const auto groups = std::to_string(spec.groups);
    require(spec.groups >= 1, "expected at least 1 group of experts, found " + groups);
    require(spec.experts % spec.groups == 0, std::to_string(spec.experts) +
                                                 " experts cannot be split into " + groups +
                                                 " groups of the same size");
    require(
        spec.topk_groups >= 1 && spec.topk_groups <= spec.groups,
        "expected to keep 1 to " + groups + " groups, found " + std::to_string(spec.topk_groups));
    const int reachable = spec.topk_groups * (spec.experts / spec.groups);
    require(spec.top_k <= reachable, "the kept groups hold " + std::to_string(reachable) +
                                         " experts, fewer than the " + std::to_string(spec.top_k) +
                                         " to choose");
    const bool pair = spec.group_score == GroupScore::best_two;
    require(spec.groups == 1 || !pair || spec.experts / spec.groups >= 2,
            "groups of one expert have no two best experts");
}

}  // namespace

void check_spec(const RouterSpec& spec) {
    require(spec.experts >= 1, "expected at least 1 expert, found " + std::to_string(spec.experts));
    require(spec.top_k >= 1 && spec.top_k <= spec.experts,
            "expected to choose 1 to " + std::to_string(spec.experts) + " experts, found " +
                std::to_string(spec.top_k));
    check_groups(spec);
    require(spec.order != SelectionOrder::sparsemixer || spec.top_k == 2,
            "sparsemixer chooses 2 experts, found " + std::to_string(spec.top_k));
    require(spec.order != SelectionOrder::sparsemixer || !spec.choice_bias,
            "sparsemixer has no bias for the choice");
    require(spec.order != SelectionOrder::sparsemixer || spec.groups == 1,
            "sparsemixer has no groups");
}

}  // namespace alluvium

#include "app/commands/expert_flags.h"

namespace alluvium {

void ExpertFlags::add_to(CLI::App& command) {
    command.add_option("--experts", upcycling.experts, "Experts in each routed layer")
        ->capture_default_str();
    command.add_option("--top-k", upcycling.top_k, "Experts that a token visits")
        ->capture_default_str();
    command.add_option("--experts-by", experts_by, "What an expert stands for in training")
        ->check(CLI::IsMember({"language", "family", "none"}))
        ->capture_default_str();
    command
        .add_option("--languages", upcycling.languages,
                    "Languages of the experts (default: the 12 major ones for 12 experts)")
        ->delimiter(',');
}

UpcycleOptions ExpertFlags::parsed() const {
    UpcycleOptions result = upcycling;
    result.experts_by = parse_experts_by(experts_by);
    return result;
}

}  // namespace alluvium

#include "analysis/pairs/pair_result.h"

namespace alluvium {

PairResult read_pairs(const RoutingTrace& trace, const Progress& progress) {
    if (holds_language_requests(trace)) return read_or_written(trace, progress);
    return minimal_pair(trace, progress);
}

const std::string& sentence_of(const PairResult& result) {
    return std::visit([](const auto& r) -> const std::string& { return r.sentence; }, result);
}

}  // namespace alluvium

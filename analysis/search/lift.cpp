#include "analysis/search/lift.h"

#include <cmath>

#include "analysis/jackknife.h"

namespace alluvium {
namespace {

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : kMissing;
}

struct Sums {
    double hits = 0, tokens = 0;

    double rate() const { return ratio(hits, tokens); }
    Sums without(const Sums& other) const { return {hits - other.hits, tokens - other.tokens}; }
};

class Lifts {
  public:
    Lifts(const HitCounts& counts, const PromptUnits& units)
        : counts_(counts), units_(units), groups_(units.groups) {
        for (std::size_t p = 0; p < units.labels.size(); ++p) {
            base_.hits += counts.base_hits[p];
            base_.tokens += counts.base_tokens[p];
            if (units.labels[p] < 0) continue;
            Sums& group = groups_[static_cast<std::size_t>(units.labels[p])];
            group.hits += counts.hits[p];
            group.tokens += counts.tokens[p];
        }
        for (const auto& prompts : units.prompts) {
            Sums unit;
            for (const std::uint32_t p : prompts) {
                unit.hits += counts.base_hits[p];
                unit.tokens += counts.base_tokens[p];
            }
            log_base_without_.push_back(std::log(base_.without(unit).rate()));
        }
    }

    GroupLift lift(std::size_t g) const {
        const Sums& group = groups_[g];
        GroupLift result{static_cast<std::uint64_t>(group.hits),
                         static_cast<std::uint64_t>(group.tokens),
                         group.rate(),
                         {}};
        result.lift.value = ratio(group.rate(), base_.rate());
        if (!units_.no_interval.empty() || group.hits == 0) return result;
        const double whole = std::log(group.rate());
        std::vector<double> without(units_.size());
        for (std::size_t u = 0; u < without.size(); ++u) {
            const Sums part = of_unit(u, g);
            const double rate = part.tokens > 0 ? std::log(group.without(part).rate()) : whole;
            without[u] = rate - log_base_without_[u];
        }
        const Estimate log_lift =
            jackknife(std::log(result.lift.value), without, units_.stratum).interval();
        result.lift.low = std::exp(log_lift.low);
        result.lift.high = std::exp(log_lift.high);
        return result;
    }

  private:
    Sums of_unit(std::size_t u, std::size_t g) const {
        Sums sums;
        for (const std::uint32_t p : units_.prompts[u]) {
            if (units_.labels[p] != static_cast<std::int32_t>(g)) continue;
            sums.hits += counts_.hits[p];
            sums.tokens += counts_.tokens[p];
        }
        return sums;
    }

    const HitCounts& counts_;
    const PromptUnits& units_;
    std::vector<Sums> groups_;
    Sums base_;
    std::vector<double> log_base_without_;  // [units]
};

}  // namespace

std::vector<GroupLift> group_lifts(const HitCounts& counts, const PromptUnits& units) {
    const Lifts lifts(counts, units);
    std::vector<GroupLift> result;
    for (std::size_t g = 0; g < units.groups; ++g) result.push_back(lifts.lift(g));
    return result;
}

}  // namespace alluvium

#include "analysis/router_entropy.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "analysis/entropy.h"
#include "base/json.h"

namespace alluvium {
namespace {

// Scores before normalisation; the softmax is shifted by its largest logit.
void score(std::span<const float> logits, Probabilities rule, std::vector<double>& scores) {
    if (rule == Probabilities::softmax) {
        const double largest = *std::max_element(logits.begin(), logits.end());
        for (std::size_t e = 0; e < logits.size(); ++e) scores[e] = std::exp(logits[e] - largest);
        return;
    }
    for (std::size_t e = 0; e < logits.size(); ++e) {
        const double z = logits[e];
        scores[e] = rule == Probabilities::normalised_sigmoid
                        ? 1 / (1 + std::exp(-z))
                        : std::sqrt(std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))));
    }
}

std::string scoring_in(const std::string& router_json) {
    const Json json = Json::parse(router_json, nullptr, false);
    if (!json.is_object()) return {};
    // A rule that chooses first applies a softmax to what it chose, whatever else it names.
    const auto order = json.find("order");
    if (order != json.end() && order->is_string() && *order != "score_then_top_k") return "softmax";
    const auto scoring = json.find("scoring");
    return scoring != json.end() && scoring->is_string() ? scoring->get<std::string>() : "";
}

class EntropyMeans {
  public:
    EntropyMeans(std::size_t experts, Probabilities rule)
        : rule_(rule), usage_(experts, 0.0), scores_(experts) {}

    void add(std::span<const float> logits) {
        for (const float z : logits) {
            if (!std::isfinite(z)) return;
        }
        score(logits, rule_, scores_);
        const double total = sum(scores_);
        // Every sigmoid has underflowed: there is no distribution to speak of.
        if (!(total > 0)) return;
        for (double& p : scores_) p /= total;
        token_ += -sum_x_log_x(scores_);
        for (std::size_t e = 0; e < usage_.size(); ++e) usage_[e] += scores_[e];
        count_ += 1;
    }

    RouterEntropy result() const {
        if (count_ == 0) return {};
        const double usage = entropy(usage_);
        const double token = token_ / count_;
        const double most = std::log(static_cast<double>(usage_.size()));
        return {usage, most > 0 ? token / most : kMissing, usage - token};
    }

  private:
    Probabilities rule_;
    std::vector<double> usage_, scores_;
    double token_ = 0;
    double count_ = 0;
};

}  // namespace

Probabilities probabilities_of(const TraceHeader& header, std::size_t routed) {
    std::string scoring = scoring_in(header.model.router_json);
    if (scoring.empty()) scoring = header.layers[routed].rule;
    if (scoring.find("softplus") != scoring.npos) return Probabilities::normalised_sqrt_softplus;
    if (scoring.find("sigmoid") != scoring.npos) return Probabilities::normalised_sigmoid;
    return Probabilities::softmax;
}

std::string to_string(Probabilities probabilities) {
    switch (probabilities) {
        case Probabilities::softmax:
            return "softmax of the logits";
        case Probabilities::normalised_sigmoid:
            return "sigmoid scores divided by their sum";
        case Probabilities::normalised_sqrt_softplus:
            return "square roots of softplus scores divided by their sum";
    }
    return {};
}

RouterEntropy router_entropy(const RoutingTrace& trace, std::size_t routed,
                             const TokenSelection& selection, Progress& progress) {
    EntropyMeans means(trace.layers()[routed].experts, probabilities_of(trace.header(), routed));
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<float> logits = trace.logits(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) means.add(logits.row(t - range.begin));
        }
    });
    return means.result();
}

}  // namespace alluvium

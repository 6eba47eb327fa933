#include "analysis/agreement.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <queue>

#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

// Enough for the shares of a matching; the rest of a long trace would only take time.
constexpr std::uint64_t kMatchingTokens = 1u << 17;
constexpr double kFloorShare = 0.95;

struct TokenAgreement {
    double overlap = 0;
    bool exact = false, top1 = false;
};

class SetComparer {
  public:
    explicit SetComparer(std::size_t experts) : place_(experts, 0) {}

    TokenAgreement compare(std::span<const ExpertId> a, std::span<const ExpertId> b) {
        for (const ExpertId e : a) place_[e] = 1;
        std::size_t common = 0;
        for (const ExpertId e : b) common += place_[e];
        for (const ExpertId e : a) place_[e] = 0;
        const double overlap = static_cast<double>(common) / static_cast<double>(a.size());
        return {overlap, common == a.size(), a.front() == b.front()};
    }

  private:
    std::vector<std::uint8_t> place_;
};

// sum_e |w_a - w_b|, each normalised to sum 1; NaN where that cannot be done.
double weight_distance(std::span<const ExpertId> ea, std::span<const float> wa,
                       std::span<const ExpertId> eb, std::span<const float> wb) {
    double total_a = 0, total_b = 0;
    for (const float w : wa) total_a += w;
    for (const float w : wb) total_b += w;
    if (!(total_a > 0) || !(total_b > 0)) return kMissing;
    double distance = 0, met = 0;
    for (std::size_t i = 0; i < ea.size(); ++i) {
        const auto at = std::find(eb.begin(), eb.end(), ea[i]);
        const auto j = static_cast<std::size_t>(at - eb.begin());
        const double own = wa[i] / total_a;
        const double other = at == eb.end() ? 0 : wb[j] / total_b;
        distance += std::fabs(own - other);
        met += other;
    }
    return distance + std::max(0.0, 1 - met);  // what B gives to experts that A did not choose
}

struct LayerBlock {
    Grid<ExpertId> a, b;
    Grid<float> weights_a, weights_b;
    std::vector<float> margin;  // of A
};

LayerBlock read_block(const RoutingTrace& a, const RoutingTrace& b, std::size_t layer,
                      TokenRange range, bool margins) {
    const RoutedLayerInfo &ia = a.layers()[layer], &ib = b.layers()[layer];
    LayerBlock block{a.experts(layer, range), b.experts(layer, range), {}, {}, {}};
    if (ia.has_weights && ib.has_weights) {
        block.weights_a = a.weights(layer, range);
        block.weights_b = b.weights(layer, range);
    }
    if (margins && ia.has_margin) block.margin = a.margin(layer, range);
    return block;
}

// Keeps the tokens of least overlap.
class MostChanged {
  public:
    void add(const ChangedToken& token) {
        if (queue_.size() == kMostChanged && !less_changed(token, queue_.top())) return;
        queue_.push(token);
        if (queue_.size() > kMostChanged) queue_.pop();
    }
    std::vector<ChangedToken> take() {
        std::vector<ChangedToken> result;
        for (; !queue_.empty(); queue_.pop()) result.push_back(queue_.top());
        std::reverse(result.begin(), result.end());
        return result;
    }

  private:
    static bool less_changed(const ChangedToken& a, const ChangedToken& b) {
        return a.overlap != b.overlap ? a.overlap < b.overlap : a.row < b.row;
    }
    using Compare = decltype(&less_changed);
    std::priority_queue<ChangedToken, std::vector<ChangedToken>, Compare> queue_{&less_changed};
};

void add_pairs(std::span<const ExpertId> a, std::span<const ExpertId> b, Grid<double>& pairs) {
    for (const ExpertId i : a) {
        for (const ExpertId j : b) pairs(i, j) += 1;
    }
}

class Pass {
  public:
    Pass(const RoutingTrace& a, const RoutingTrace& b, const Sample& sample,
         const std::vector<double>& floor_margins, std::uint64_t seed)
        : a_(a), b_(b), sample_(sample), floor_(floor_margins), random_(seed, "matching") {
        result_.prompts.resize(sample.units.labels.size());
        result_.groups.resize(sample.units.groups);
        for (const RoutedLayerInfo& info : a.layers()) {
            comparers_.emplace_back(info.experts);
            LayerAgreement& layer = result_.layers.emplace_back();
            layer.together = layer.shuffled = Grid<double>(info.experts, info.experts, 0.0);
        }
    }

    TraceAgreement run(Progress& progress) {
        visit_blocks(sample_.selection, [&](TokenRange range, std::span<const TokenRun> runs) {
            std::vector<AgreementSums> tokens(range.size());
            for (std::size_t l = 0; l < result_.layers.size(); ++l) {
                progress.check();
                add_layer(l, range, runs, tokens);
                progress.advance(range.size());
            }
            for (const TokenRun& run : runs) {
                for (TokenPos t = run.begin; t < run.end; ++t) {
                    const AgreementSums& sums = tokens[t - range.begin];
                    if (sums.rows == 0) continue;
                    ChangedToken token{.row = t, .prompt = run.prompt, .prompt_id = {}, .text = {}};
                    token.overlap = sums.overlap / static_cast<double>(sums.rows);
                    changed_.add(token);
                }
            }
        });
        result_.tokens = changed_.take();
        return std::move(result_);
    }

  private:
    void add_layer(std::size_t l, TokenRange range, std::span<const TokenRun> runs,
                   std::vector<AgreementSums>& tokens) {
        LayerAgreement& layer = result_.layers[l];
        const LayerBlock block = read_block(a_, b_, l, range, !floor_.empty());
        std::vector<std::size_t> present;
        for (const TokenRun& run : runs) {
            const auto group = static_cast<std::size_t>(sample_.units.labels[run.prompt]);
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const std::size_t i = t - range.begin;
                const auto ea = block.a.row(i), eb = block.b.row(i);
                if (ea.front() == kMissingExpert || eb.front() == kMissingExpert) continue;
                const TokenAgreement agreement = comparers_[l].compare(ea, eb);
                for (AgreementSums* sums :
                     {&tokens[i], &result_.prompts[run.prompt], &result_.groups[group]}) {
                    sums->overlap += agreement.overlap;
                    sums->exact += agreement.exact;
                    sums->top1 += agreement.top1;
                    ++sums->rows;
                }
                add_token(layer, l, block, i, agreement);
                present.push_back(i);
            }
        }
        add_matching(layer, block, present);
    }

    void add_token(LayerAgreement& layer, std::size_t l, const LayerBlock& block, std::size_t i,
                   const TokenAgreement& agreement) {
        ++layer.tokens;
        layer.exact += agreement.exact;
        layer.top1 += agreement.top1;
        layer.overlap += agreement.overlap;
        if (!agreement.exact && !block.margin.empty() && block.margin[i] > floor_[l]) {
            ++layer.above_floor;
        }
        if (block.weights_a.empty()) return;
        const double distance = weight_distance(block.a.row(i), block.weights_a.row(i),
                                                block.b.row(i), block.weights_b.row(i));
        if (!std::isfinite(distance)) return;
        layer.weight_l1 += distance;
        ++layer.weighted_tokens;
    }

    void add_matching(LayerAgreement& layer, const LayerBlock& block,
                      std::vector<std::size_t>& rows) {
        if (layer.together_tokens >= kMatchingTokens) return;
        std::vector<std::size_t> others = rows;
        random_.shuffle(std::span(others));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            add_pairs(block.a.row(rows[i]), block.b.row(rows[i]), layer.together);
            add_pairs(block.a.row(rows[i]), block.b.row(others[i]), layer.shuffled);
        }
        layer.together_tokens += rows.size();
    }

    const RoutingTrace &a_, &b_;
    const Sample& sample_;
    const std::vector<double>& floor_;
    SeededRandom random_;
    std::vector<SetComparer> comparers_;
    MostChanged changed_;
    TraceAgreement result_;
};

// Margins in buckets of equal upper 16 bits: 1/128 of the value wide.
class MarginHistogram {
  public:
    void add(float margin) {
        if (!(margin >= 0)) return;
        ++counts_[std::bit_cast<std::uint32_t>(margin) >> 16];
        ++total_;
    }
    // Upper edge of the bucket that holds the quantile; 0 for no margins.
    double quantile(double p) const {
        if (total_ == 0) return 0;
        const double rank = p * static_cast<double>(total_);
        std::uint64_t below = 0;
        std::uint32_t bucket = 0;
        while (static_cast<double>(below += counts_[bucket]) < rank) ++bucket;
        return std::bit_cast<float>((bucket << 16) | 0xffffu);
    }

  private:
    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(0x8000, 0);
    std::uint64_t total_ = 0;
};

}  // namespace

TraceAgreement measure_agreement(const RoutingTrace& a, const RoutingTrace& b, const Sample& sample,
                                 const std::vector<double>& floor_margins, std::uint64_t seed,
                                 Progress& progress) {
    return Pass(a, b, sample, floor_margins, seed).run(progress);
}

std::vector<double> measure_floor(const RoutingTrace& a, const RoutingTrace& second,
                                  const TokenSelection& selection, const Progress& progress) {
    std::vector<double> result;
    for (std::size_t l = 0; l < a.layers().size(); ++l) {
        if (!a.layers()[l].has_margin) {
            result.push_back(kMissing);
            continue;
        }
        MarginHistogram margins;
        SetComparer comparer(a.layers()[l].experts);
        visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
            progress.check();
            const LayerBlock block = read_block(a, second, l, range, true);
            for (const TokenRun& run : runs) {
                for (TokenPos t = run.begin; t < run.end; ++t) {
                    const auto ea = block.a.row(t - range.begin), eb = block.b.row(t - range.begin);
                    if (ea.front() == kMissingExpert || eb.front() == kMissingExpert) continue;
                    if (!comparer.compare(ea, eb).exact) margins.add(block.margin[t - range.begin]);
                }
            }
        });
        result.push_back(margins.quantile(kFloorShare));
    }
    return result;
}

}  // namespace alluvium

#include "analysis/strata.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "analysis/entropy.h"
#include "analysis/estimate.h"

namespace alluvium {
namespace {

// n log n; most counts of a stratum are small.
double count_log_count(std::uint32_t n) {
    static const std::vector<double> table = [] {
        std::vector<double> values(4096);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = x_log_x(static_cast<double>(i));
        return values;
    }();
    return n < table.size() ? table[n] : x_log_x(n);
}

// n log n of every value, which becomes 0; their sum in `total`.
double take_all(std::vector<std::uint32_t>& counts, std::uint32_t& total) {
    double sum = 0;
    for (std::uint32_t& n : counts) {
        total += n;
        sum += count_log_count(std::exchange(n, 0u));
    }
    return sum;
}

// One stratum's selections by group and expert; cleared by taking them.
class StratumCounts {
  public:
    StratumCounts(std::size_t groups, std::size_t experts)
        : experts_(experts), cell_(groups * experts, 0), group_(groups, 0) {}

    void add(std::size_t group, std::span<const ExpertId> chosen) {
        for (const ExpertId e : chosen) {
            const std::size_t at = group * experts_ + e;
            if (cell_[at]++ == 0) touched_.push_back(static_cast<std::uint32_t>(at));
        }
        group_[group] += static_cast<std::uint32_t>(chosen.size());
    }

    // sum_ge n log n - sum_g n log n.
    double take() {
        double result = 0;
        for (const std::uint32_t at : touched_)
            result += count_log_count(std::exchange(cell_[at], 0u));
        touched_.clear();
        std::uint32_t total = 0;
        return result - take_all(group_, total);
    }

  private:
    std::size_t experts_;
    std::vector<std::uint32_t> cell_, touched_, group_;
};

}  // namespace

Strata::Strata(const Tokens& tokens, const Support& support) : groups_(tokens.groups) {
    std::vector<std::uint32_t> order(tokens.key.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (tokens.key[a] != tokens.key[b]) return tokens.key[a] < tokens.key[b];
        if (tokens.prompt[a] != tokens.prompt[b]) return tokens.prompt[a] < tokens.prompt[b];
        return a < b;
    });
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        std::set<std::int32_t> labels;
        while (end < order.size() && tokens.key[order[end]] == tokens.key[order[begin]]) {
            labels.insert(tokens.label[order[end++]]);
        }
        if (labels.size() >= support.groups && end - begin >= support.tokens) {
            add_blocks(tokens, std::span(order).subspan(begin, end - begin));
        }
        begin = end;
    }
    block_begin_.push_back(static_cast<std::uint32_t>(token_.size()));
    stratum_begin_.push_back(static_cast<std::uint32_t>(label_.size()));
}

void Strata::add_blocks(const Tokens& tokens, std::span<const std::uint32_t> stratum) {
    stratum_begin_.push_back(static_cast<std::uint32_t>(label_.size()));
    for (std::size_t i = 0; i < stratum.size(); ++i) {
        const std::uint32_t t = stratum[i];
        if (i == 0 || tokens.prompt[t] != tokens.prompt[stratum[i - 1]]) {
            block_begin_.push_back(static_cast<std::uint32_t>(token_.size()));
            label_.push_back(tokens.label[t]);
            prompt_.push_back(tokens.prompt[t]);
            bundle_.push_back(tokens.bundle[t]);
        }
        token_.push_back(t);
    }
}

void Strata::permute(const Grid<std::uint32_t>& orders) {
    permuted_ = Grid<std::int32_t>(orders.rows(), label_.size());
    std::vector<std::uint32_t> blocks;
    std::vector<std::int32_t> labels;
    for (std::size_t s = 0; s + 1 < stratum_begin_.size(); ++s) {
        const std::uint32_t begin = stratum_begin_[s], end = stratum_begin_[s + 1];
        labels.assign(label_.begin() + begin, label_.begin() + end);
        std::sort(labels.begin(), labels.end());
        blocks.resize(end - begin);
        for (std::size_t d = 0; d < orders.rows(); ++d) {
            std::iota(blocks.begin(), blocks.end(), begin);
            std::sort(blocks.begin(), blocks.end(), [&](std::uint32_t a, std::uint32_t b) {
                return orders(d, prompt_[a]) < orders(d, prompt_[b]);
            });
            for (std::size_t i = 0; i < blocks.size(); ++i) permuted_(d, blocks[i]) = labels[i];
        }
    }
}

void Strata::start_layer(const Grid<ExpertId>& chosen, std::size_t experts) {
    experts_ = experts;
    ordered_ = Grid<ExpertId>(token_.size(), chosen.cols());
    for (std::size_t i = 0; i < token_.size(); ++i) {
        std::ranges::copy(chosen.row(token_[i]), ordered_.row(i).begin());
    }
    margins_ = margins(kNoBundle);
}

template <typename Visit>
void Strata::for_tokens(std::size_t stratum, std::size_t skipped, Visit visit) const {
    for (std::uint32_t b = stratum_begin_[stratum]; b < stratum_begin_[stratum + 1]; ++b) {
        if (bundle_[b] == skipped) continue;
        for (std::uint32_t i = block_begin_[b]; i < block_begin_[b + 1]; ++i) {
            const auto chosen = ordered_.row(i);
            if (chosen.front() != kMissingExpert) visit(b, chosen);
        }
    }
}

Strata::Margins Strata::margins(std::size_t skipped) const {
    Margins result;
    std::vector<std::uint32_t> expert(experts_, 0);
    for (std::size_t s = 0; s + 1 < stratum_begin_.size(); ++s) {
        for_tokens(s, skipped, [&](std::uint32_t, std::span<const ExpertId> chosen) {
            for (const ExpertId e : chosen) ++expert[e];
        });
        std::uint32_t total = 0;
        result.sum -= take_all(expert, total);
        result.sum += count_log_count(total);
        result.selections += total;
    }
    return result;
}

// The sum over strata of sum_ge n log n - sum_g n log n - sum_e n log n + n log n, by selection.
double Strata::information(std::span<const std::int32_t> label, std::size_t skipped) const {
    const Margins margin = skipped == kNoBundle ? margins_ : margins(skipped);
    StratumCounts counts(groups_, experts_);
    double sum = margin.sum;
    for (std::size_t s = 0; s + 1 < stratum_begin_.size(); ++s) {
        for_tokens(s, skipped, [&](std::uint32_t block, std::span<const ExpertId> chosen) {
            counts.add(static_cast<std::size_t>(label[block]), chosen);
        });
        sum += counts.take();
    }
    return margin.selections > 0 ? sum / margin.selections : kMissing;
}

}  // namespace alluvium

#include "analysis/stream/language_variance.h"

#include <map>

#include "analysis/estimate.h"

namespace alluvium {
namespace {

double square(std::span<const double> v) {
    return dot(v, v);
}

void add(std::span<double> sum, std::span<const double> v) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += v[i];
}

}  // namespace

LanguageVariance::LanguageVariance(const StreamRows& sample)
    : sample_(sample),
      mean_(sample.rows.cols(), 0.0),
      by_label_(sample.groups, sample.rows.cols()),
      all_(sample.rows.cols(), 0.0) {
    double prompts = 0;
    for (std::size_t p = 0; p < sample.labels.size(); ++p) {
        if (!sample.counts(p)) continue;
        add_to(mean_, sample.rows.row(p));
        ++prompts;
    }
    for (double& value : mean_) value /= prompts;
    sums_.count.assign(sample.groups, 0);
    for (std::size_t p = 0; p < sample.labels.size(); ++p) {
        if (!sample.counts(p)) continue;
        const std::vector<double> x = centred(p);
        add(by_label_.row(sample.label(p)), x);
        add(all_, x);
        ++sums_.count[sample.label(p)];
        sums_.squares += square(x);
    }
    for (std::size_t g = 0; g < sample.groups; ++g) {
        sums_.square.push_back(square(by_label_.row(g)));
    }
    sums_.total = square(all_);
}

std::vector<double> LanguageVariance::centred(std::size_t prompt) const {
    std::vector<double> x(mean_.size());
    const auto row = sample_.rows.row(prompt);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(row[i]) - mean_[i];
    return x;
}

double LanguageVariance::share_of(const Sums& sums) {
    double prompts = 0, labels = 0, of_squares = 0, means = 0;
    for (std::size_t g = 0; g < sums.count.size(); ++g) {
        if (sums.count[g] == 0) continue;
        ++labels;
        prompts += sums.count[g];
        of_squares += sums.count[g] * sums.count[g];
        means += sums.square[g] / sums.count[g];
    }
    if (labels < 2 || prompts <= labels) return kMissing;
    const double within = (sums.squares - means) / (prompts - labels);
    const double observed = (means - sums.total / prompts) / (labels - 1);
    const double n0 = (prompts - of_squares / prompts) / (labels - 1);
    const double between = (observed - within) / n0;
    return between + within > 0 ? between / (between + within) : kMissing;
}

double LanguageVariance::share() const {
    return share_of(sums_);
}

double LanguageVariance::share_without(std::span<const std::uint32_t> prompts) const {
    Sums sums = sums_;
    std::map<std::size_t, std::vector<double>> left_out;  // by label
    std::vector<double> all_left_out(mean_.size(), 0.0);
    for (const std::uint32_t p : prompts) {
        if (!sample_.counts(p)) continue;
        const std::vector<double> x = centred(p);
        std::vector<double>& of_label = left_out[sample_.label(p)];
        of_label.resize(mean_.size(), 0.0);
        add(of_label, x);
        add(all_left_out, x);
        sums.squares -= square(x);
        sums.count[sample_.label(p)] -= 1;
    }
    const auto without = [](double before, std::span<const double> sum,
                            std::span<const double> out) {
        return before - 2 * dot(sum, out) + square(out);
    };
    for (const auto& [g, out] : left_out) {
        sums.square[g] = without(sums.square[g], by_label_.row(g), out);
    }
    sums.total = without(sums.total, all_, all_left_out);
    return share_of(sums);
}

}  // namespace alluvium

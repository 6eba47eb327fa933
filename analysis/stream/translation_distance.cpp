#include "analysis/stream/translation_distance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "analysis/student_t.h"

namespace alluvium {
namespace {

// Sum of the cosines of pairs of unlike label, and their number: |sum of all|^2 holds every ordered
// pair and the vectors with themselves, |sum of a label|^2 those of like label.
struct Pairs {
    double cosines = 0;
    double count = 0;

    Pairs minus(const Pairs& other) const { return {cosines - other.cosines, count - other.count}; }
    double mean() const { return count > 0 ? cosines / count : kMissing; }
};

class UnlikePairs {
  public:
    explicit UnlikePairs(std::size_t width) : all_(width, 0.0) {}

    void add(std::size_t label, std::span<const double> y) {
        Of& of = by_label_[label];
        of.sum.resize(all_.size(), 0.0);
        for (std::size_t i = 0; i < y.size(); ++i) {
            of.sum[i] += y[i];
            all_[i] += y[i];
        }
        ++of.count;
        ++count_;
    }
    Pairs pairs() const {
        const auto square = [](std::span<const double> v) { return dot(v, v); };
        Pairs pairs{square(all_), count_ * count_};
        for (const auto& [label, of] : by_label_) {
            pairs.cosines -= square(of.sum);
            pairs.count -= of.count * of.count;
        }
        return pairs;
    }

  private:
    struct Of {
        std::vector<double> sum;
        double count = 0;
    };
    std::map<std::size_t, Of> by_label_;
    std::vector<double> all_;
    double count_ = 0;
};

// [H] mean of the labels' means.
std::vector<double> common_mean(const StreamRows& sample) {
    Grid<double> sums(sample.groups, sample.rows.cols());
    std::vector<double> count(sample.groups, 0.0);
    for (std::size_t p = 0; p < sample.labels.size(); ++p) {
        if (!sample.counts(p)) continue;
        add_to(sums.row(sample.label(p)), sample.rows.row(p));
        ++count[sample.label(p)];
    }
    const auto present = static_cast<double>(
        std::count_if(count.begin(), count.end(), [](double n) { return n > 0; }));
    std::vector<double> mean(sums.cols(), 0.0);
    for (std::size_t g = 0; g < sample.groups; ++g) {
        if (count[g] == 0) continue;
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += sums(g, i) / count[g] / present;
    }
    return mean;
}

// x - mean with length 1; a prompt at the mean itself has no direction and stays 0.
std::vector<double> direction(std::span<const float> x, std::span<const double> mean) {
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(x[i]) - mean[i];
    const double length = std::sqrt(dot(std::span<const double>(y), std::span<const double>(y)));
    for (double& value : y) value = length > 0 ? value / length : 0;
    return y;
}

Estimate mean_with_interval(std::span<const double> values) {
    const auto n = static_cast<double>(values.size());
    Estimate e;
    if (n == 0) return e;
    e.value = std::accumulate(values.begin(), values.end(), 0.0) / n;
    if (n < 2) return e;
    double squares = 0;
    for (const double v : values) squares += (v - e.value) * (v - e.value);
    const double half = student_t_quantile(0.975, n - 1) * std::sqrt(squares / (n - 1) / n);
    e.low = e.value - half;
    e.high = e.value + half;
    return e;
}

}  // namespace

TranslationDistance translation_distance(const StreamRows& sample,
                                         const std::vector<std::vector<std::uint32_t>>& units) {
    const std::vector<double> mean = common_mean(sample);
    UnlikePairs everything(mean.size());
    Pairs inside;
    std::vector<double> distances;
    for (const std::vector<std::uint32_t>& unit : units) {
        UnlikePairs of_unit(mean.size());
        for (const std::uint32_t p : unit) {
            if (!sample.counts(p)) continue;
            const std::vector<double> y = direction(sample.rows.row(p), mean);
            of_unit.add(sample.label(p), y);
            everything.add(sample.label(p), y);
        }
        const Pairs pairs = of_unit.pairs();
        if (pairs.count == 0) continue;
        inside.cosines += pairs.cosines;
        inside.count += pairs.count;
        distances.push_back(1 - pairs.mean());
    }
    if (distances.empty()) return {};
    return {mean_with_interval(distances), 1 - everything.pairs().minus(inside).mean()};
}

}  // namespace alluvium

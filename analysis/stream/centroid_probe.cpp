#include "analysis/stream/centroid_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace alluvium {
namespace {

class Centroids {
  public:
    explicit Centroids(const StreamRows& sample)
        : sample_(sample),
          sum_(sample.groups, sample.rows.cols()),
          count_(sample.groups, 0.0),
          centroid_(sample.groups, sample.rows.cols()),
          square_(sample.groups, kMissing) {
        for (std::size_t p = 0; p < sample.labels.size(); ++p) {
            if (sample.counts(p)) move(p, 1);
        }
        for (std::size_t g = 0; g < sample.groups; ++g) update(g);
    }

    // Takes the prompts out (-1) of the centroids or puts them back (+1).
    void move_all(std::span<const std::uint32_t> prompts, double direction) {
        std::set<std::size_t> touched;
        for (const std::uint32_t p : prompts) {
            if (!sample_.counts(p)) continue;
            move(p, direction);
            touched.insert(sample_.label(p));
        }
        for (const std::size_t g : touched) update(g);
    }
    bool has(std::size_t label) const { return count_[label] > 0; }
    // The lower label in a tie.
    std::size_t nearest(std::span<const float> x) const {
        std::size_t best = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t g = 0; g < count_.size(); ++g) {
            if (!has(g)) continue;
            const double distance = square_[g] - 2 * dot(x, centroid_.row(g));
            if (distance < least) {
                least = distance;
                best = g;
            }
        }
        return best;
    }

  private:
    void move(std::size_t prompt, double direction) {
        add_to(sum_.row(sample_.label(prompt)), sample_.rows.row(prompt), direction);
        count_[sample_.label(prompt)] += direction;
    }
    void update(std::size_t g) {
        if (!has(g)) return;
        for (std::size_t i = 0; i < sum_.cols(); ++i) centroid_(g, i) = sum_(g, i) / count_[g];
        const std::span<const double> c = std::as_const(centroid_).row(g);
        square_[g] = dot(c, c);
    }

    const StreamRows& sample_;
    Grid<double> sum_;  // [G, H]
    std::vector<double> count_;
    Grid<double> centroid_;  // [G, H]
    std::vector<double> square_;
};

struct Told {
    double prompts = 0;
    double right = 0;
    double share() const { return prompts > 0 ? right / prompts : kMissing; }
};

// As many independent prompts as the scatter between units amounts to: at most all, at least as
// many as there are units.
double effective_prompts(const std::vector<Told>& units, const Told& all) {
    const auto n = static_cast<double>(units.size());
    const double p = all.share();
    double squares = 0;
    for (const Told& unit : units) {
        const double off = unit.right - p * unit.prompts;
        squares += off * off;
    }
    const double variance = n / (n - 1) * squares / (all.prompts * all.prompts);
    if (n < 2 || variance <= 0) return all.prompts;  // nothing to see of how alike they are
    return std::clamp(p * (1 - p) / variance, std::min(n, all.prompts), all.prompts);
}

// Wilson's score interval, 95 %.
Estimate wilson(double p, double n) {
    const double z = 1.959963984540054, zz = z * z;
    const double centre = (p + zz / (2 * n)) / (1 + zz / n);
    const double half = z / (1 + zz / n) * std::sqrt(p * (1 - p) / n + zz / (4 * n * n));
    return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace

CentroidProbe centroid_probe(const StreamRows& sample,
                             const std::vector<std::vector<std::uint32_t>>& units) {
    Centroids centroids(sample);
    std::vector<Told> by_label(sample.groups), by_unit;
    Told all;
    for (const std::vector<std::uint32_t>& unit : units) {
        centroids.move_all(unit, -1);
        Told of_unit;
        for (const std::uint32_t p : unit) {
            if (!sample.counts(p) || !centroids.has(sample.label(p))) continue;
            const bool right = centroids.nearest(sample.rows.row(p)) == sample.label(p);
            for (Told* told : {&of_unit, &by_label[sample.label(p)], &all}) {
                ++told->prompts;
                told->right += right ? 1 : 0;
            }
        }
        centroids.move_all(unit, +1);
        if (of_unit.prompts > 0) by_unit.push_back(of_unit);
    }
    CentroidProbe probe;
    double total = 0, labels = 0;
    for (const Told& told : by_label) {
        probe.by_label.push_back(told.share());
        if (told.prompts == 0) continue;
        total += told.share();
        ++labels;
    }
    if (labels < 2) return probe;
    probe.chance = 1 / labels;
    probe.accuracy = wilson(total / labels, effective_prompts(by_unit, all));
    return probe;
}

}  // namespace alluvium

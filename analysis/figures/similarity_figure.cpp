#include "analysis/figures/similarity_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_legend.h"
#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/layer_plot.h"
#include "analysis/figures/page.h"
#include "analysis/language_clusters.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kLine = kLeading * kSmallSize;
constexpr double kTree = 74;  // width of the tree
constexpr double kPlotHeight = 96;
constexpr std::size_t kPermutations = 999;

bool is_finite(const Grid<double>& grid) {
    const auto values = grid.values();
    return !grid.empty() &&
           std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// Mean over the layers in question; those at which a group has no selection are left out.
Grid<double> mean_pairwise(const Analysis& analysis, const std::optional<LayerId>& wanted) {
    const std::size_t groups = analysis.groups.size();
    Grid<double> mean(groups, groups, 0.0);
    double layers = 0;
    for (const LayerAnalysis& layer : analysis.layers) {
        if ((wanted && layer.layer != *wanted) || !is_finite(layer.pairwise)) continue;
        ++layers;
        for (std::size_t i = 0; i < mean.values().size(); ++i) {
            mean.values()[i] += layer.pairwise.values()[i];
        }
    }
    for (double& value : mean.values()) value = layers > 0 ? value / layers : kMissing;
    return mean;
}

class SimilarityPage {
  public:
    SimilarityPage(const Analysis& analysis, const SimilarityOptions& options, const Theme& theme,
                   const TextMeter& meter)
        : analysis_(analysis),
          options_(options),
          looks_(options.looks.empty() ? group_looks(analysis) : options.looks),
          theme_(theme),
          distance_(mean_pairwise(analysis, options.layer)),
          page_("similarity", options.width > 0 ? options.width : kDefaultWidth, theme, meter) {
        if (!is_finite(distance_)) {
            throw UserError("no layer compares all of the groups: the trace lacks tokens of some",
                            "leave these out with --where");
        }
        for (const GroupLook& look : looks_) families_.push_back(look.family);
        merges_ = average_linkage(distance_);
        order_ = leaf_order(merges_);
        overall_ = agreement_with_families(distance_, families_, kPermutations, options.seed);
        place_matrix();
    }

    Figure draw() {
        matrix_.y = page_.heading(title(), subtitle()) + 6;
        draw_tree();
        draw_matrix();
        double y = matrix_.y + matrix_.height + names_below_ + 8;
        Block legend = draw_legend(legend_of(), page_.width() - 2 * kMargin, theme_, page_.meter());
        const double height = legend.height;
        page_.insert(std::move(legend.page), kMargin, y);
        y += height + 12;
        if (!options_.layer) y = draw_agreement(y);
        return std::move(page_).finish(y + kMargin - 4);
    }

  private:
    void place_matrix() {
        double names = 0;
        for (const GroupLook& look : looks_) {
            names = std::max(names, page_.width_of(look.name, small_style()));
        }
        names_ = std::min(names, 130.0);
        const auto groups = static_cast<double>(order_.size());
        const double room = page_.width() - 2 * kMargin - kTree - names_ - 14;
        cell_ = std::min(room / groups, 30.0);
        matrix_ = {kMargin + kTree + names_ + 12, 0, cell_ * groups, cell_ * groups};
        // Codes stand below where they fit.
        names_below_ = cell_ >= 13 ? kLine : 0;
    }

    std::string title() const {
        const auto [closest, least] = extreme(true);
        const auto [farthest, most] = extreme(false);
        std::string text = closest + " route most alike (" + fixed_text(least) + "), " + farthest +
                           " least (" + fixed_text(most) + ")";
        if (std::isfinite(overall_.ari)) {
            text += "; agreement with families " + fixed_text(overall_.ari) +
                    " (p = " + fixed_text(overall_.p, 3) + ")";
        }
        return text;
    }

    // "French and Spanish" and how far they lie apart.
    std::pair<std::string, double> extreme(bool nearest) const {
        std::size_t a = 0, b = 1;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            for (std::size_t j = i + 1; j < order_.size(); ++j) {
                const bool better =
                    nearest ? distance_(i, j) < distance_(a, b) : distance_(i, j) > distance_(a, b);
                if (better) {
                    a = i;
                    b = j;
                }
            }
        }
        return {looks_[a].name + " and " + looks_[b].name, distance_(a, b)};
    }

    std::string subtitle() const {
        const std::string where = options_.layer ? "at layer " + std::to_string(*options_.layer)
                                                 : "mean over the routed layers";
        return "Jensen-Shannon divergence of expert use between two " +
               group_noun(analysis_.options.by) +
               ", over log 2: 0 the same routing, 1 no expert in "
               "common; " +
               where + ". " + experts_sentence(analysis_) + ". " +
               sample_sentence(analysis_, looks_) + checkpoint_sentence(analysis_.model) + ".";
    }

    double largest() const {
        double most = 0;
        for (const double v : distance_.values()) most = std::max(most, v);
        return most > 0 ? most : 1;
    }

    double row_middle(double place) const { return matrix_.y + cell_ * (place + 0.5); }

    void draw_matrix() {
        const double most = largest();
        for (std::size_t r = 0; r < order_.size(); ++r) {
            const std::size_t a = order_[r];
            page_.text(shortened(looks_[a].name, small_style(), names_, page_.meter()),
                       small_style(), theme_.text,
                       {{matrix_.x - 5, row_middle(static_cast<double>(r))},
                        HAlign::right,
                        VAlign::middle});
            if (names_below_ > 0) {
                page_.text(shortened(looks_[a].label, small_style(), cell_, page_.meter()),
                           small_style(), theme_.muted,
                           {{matrix_.x + cell_ * (static_cast<double>(r) + 0.5),
                             matrix_.y + matrix_.height + 3},
                            HAlign::center,
                            VAlign::top});
            }
            for (std::size_t c = 0; c < order_.size(); ++c) draw_cell(r, c, most);
        }
    }

    void draw_cell(std::size_t r, std::size_t c, double most) {
        const std::size_t a = order_[r], b = order_[c];
        const double value = distance_(a, b);
        const double gap = cell_ > 6 ? 0.7 : 0;
        const Color fill = share_color(value / most, theme_);
        const Rect rect{matrix_.x + cell_ * static_cast<double>(c),
                        matrix_.y + cell_ * static_cast<double>(r), cell_ - gap, cell_ - gap};
        Datum datum;
        datum.kind = "pair";
        datum.layer = options_.layer.value_or(-1);
        datum.group = looks_[a].label + ", " + looks_[b].label;
        datum.values = {{"divergence", value}};
        page_.add(RectShape{.rect = rect, .fill = fill}, page_.datum(std::move(datum)));
        if (cell_ < 24 || a == b) return;
        page_.text(
            fixed_text(value).substr(value < 1 ? 1 : 0), small_style(), text_on(fill),
            {{rect.x + rect.width / 2, rect.y + rect.height / 2}, HAlign::center, VAlign::middle});
    }

    // From the names to the left: the further left two branches meet, the further apart they are.
    void draw_tree() {
        const double right = matrix_.x - names_ - 12, left = right - kTree + 8;
        const double most = merges_.empty() ? 1 : std::max(merges_.back().height, 1e-12);
        struct Branch {
            double x, y;
        };
        std::vector<Branch> branches(order_.size());
        for (std::size_t r = 0; r < order_.size(); ++r) {
            branches[order_[r]] = {right, row_middle(static_cast<double>(r))};
        }
        for (const ClusterMerge& merge : merges_) {
            const Branch a = branches[merge.left], b = branches[merge.right];
            const double x = right - (right - left) * merge.height / most;
            page_.add(LineShape{{{a.x, a.y}, {x, a.y}, {x, b.y}, {b.x, b.y}}, theme_.muted, 0.9});
            branches.push_back({x, (a.y + b.y) / 2});
        }
    }

    ColorLegend legend_of() const {
        const double most = largest();
        ColorLegend legend;
        legend.caption = "divergence";
        legend.color = [this](double t) { return share_color(t, theme_); };
        legend.ticks = {{0, "0"}, {0.5, fixed_text(most / 2), false}, {1, fixed_text(most)}};
        std::string note = "Tree: average linkage. ";
        if (std::isfinite(overall_.ari)) {
            note += "Cut into as many clusters as there are families (" +
                    std::to_string(overall_.families) + ", " + std::to_string(overall_.groups) +
                    " languages) it agrees with them to an adjusted Rand index of " +
                    fixed_text(overall_.ari) +
                    " (0: chance, 1: the families; p = " + fixed_text(overall_.p, 3) + ", " +
                    std::to_string(kPermutations) + " permutations).";
        } else {
            note +=
                "No comparison with families: it takes 4 groups of known families, of which some "
                "are alike.";
        }
        legend.notes = {note,
                        "Chance level of a pair: about (E - k) / (4 N k log 2), the bias of "
                        "finite samples. Formulas: docs/metrics.md."};
        return legend;
    }

    // The index at every layer, filled where p < 0.05.
    double draw_agreement(double y) {
        std::vector<int> layers;
        std::vector<FamilyAgreement> found;
        Series ari;
        for (const LayerAnalysis& layer : analysis_.layers) {
            layers.push_back(layer.layer);
            found.push_back(is_finite(layer.pairwise)
                                ? agreement_with_families(layer.pairwise, families_, kPermutations,
                                                          options_.seed)
                                : FamilyAgreement{});
            ari.push_back(found.back().ari);
        }
        if (!any_value(ari)) return y;
        y = page_.paragraph(
                "Agreement of the tree with families, layer by layer (adjusted Rand index; filled: "
                "p < 0.05)",
                body_style(true), theme_.text, {kMargin, y, page_.width() - 2 * kMargin, 0}) +
            6;
        LayerPlot plot(page_, {kMargin + 34, y, page_.width() - 2 * kMargin - 34, kPlotHeight},
                       layers, std::min(-0.2, smallest(ari) - 0.05), 1.05);
        plot.draw_axes();
        plot.draw_missing(ari);
        plot.draw_line(ari, {{}, theme_.accent, 1.4});
        for (std::size_t l = 0; l < layers.size(); ++l) {
            if (!std::isfinite(ari[l])) continue;
            const bool sure = found[l].p < 0.05;
            page_.add(
                CircleShape{{plot.x(l), plot.y(ari[l])},
                            2.6,
                            sure ? theme_.accent : theme_.background,
                            theme_.accent,
                            1.3},
                page_.datum({.kind = "layer",
                             .layer = layers[l],
                             .group = {},
                             .values = {{"adjusted rand index", ari[l]}, {"p", found[l].p}}}));
        }
        return plot.bottom() + 2 * kLine + 6;
    }

    const Analysis& analysis_;
    const SimilarityOptions& options_;
    std::vector<GroupLook> looks_;
    const Theme& theme_;
    Grid<double> distance_;
    Page page_;
    std::vector<std::string> families_;
    std::vector<ClusterMerge> merges_;
    std::vector<std::size_t> order_;
    FamilyAgreement overall_;
    double names_ = 0, names_below_ = 0, cell_ = 0;
    Rect matrix_;
};

void check(const Analysis& analysis, const SimilarityOptions& options) {
    if (analysis.groups.size() < 3) {
        throw UserError("similarity compares 3 groups or more, the trace has " +
                            std::to_string(analysis.groups.size()),
                        "group by another column with --by");
    }
    if (analysis.layers.front().pairwise.empty()) {
        throw UserError(
            "too many groups to compare each with each: " + thousands_text(analysis.groups.size()),
            "group by another column with --by, or take a slice with --where");
    }
    if (!options.layer) return;
    for (const LayerAnalysis& layer : analysis.layers) {
        if (layer.layer == *options.layer) return;
    }
    throw UserError("--layer " + std::to_string(*options.layer) + " has no router in this trace",
                    "leave --layer out for the mean over all layers");
}

}  // namespace

Figure similarity_figure(const Analysis& analysis, const SimilarityOptions& options,
                         const Theme& theme, const TextMeter& meter) {
    check(analysis, options);
    return SimilarityPage(analysis, options, theme, meter).draw();
}

}  // namespace alluvium

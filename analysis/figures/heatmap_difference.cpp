#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/figures/color_legend.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/heatmap_common.h"
#include "analysis/figures/heatmap_panels.h"
#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

// Where a group or a layer of A stands in A and in B.
struct Pair {
    std::size_t a = 0, b = 0;
};

struct Cell {
    double a = kMissing, b = kMissing, chance = kMissing;
    double difference() const { return a - b; }
};

// The largest difference found, for title and scale.
struct Largest {
    double size = 0;
    std::size_t group = kMeanPanel, row = 0, expert = 0;
    Cell cell;
};

// The smallest of 1, 2, 5 x 10^n that is not below `value`, for round ends of a scale.
double round_limit(double value) {
    const double decade = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0})
        if (step * decade >= value * (1 - 1e-9)) return step * decade;
    return 10 * decade;
}

// "routed layers 0-7"
std::string layers_text(const Analysis& analysis) {
    if (analysis.layers.empty()) return "no routed layers";
    const int first = analysis.layers.front().layer;
    const int last = analysis.layers.back().layer;
    return first == last ? "routed layer " + std::to_string(first)
                         : "routed layers " + std::to_string(first) + "-" + std::to_string(last);
}

std::string groups_text(const Analysis& analysis) {
    constexpr std::size_t kNamed = 4;
    std::string text;
    for (std::size_t g = 0; g < std::min(kNamed, analysis.groups.size()); ++g)
        text += (g > 0 ? ", " : "") + analysis.groups[g].label;
    return analysis.groups.size() > kNamed ? text + ", ..." : text;
}

class DifferenceMap {
  public:
    DifferenceMap(const Analysis& a, const Analysis& b, const HeatmapOptions& options,
                  const Theme& theme, const TextMeter& meter)
        : a_(a),
          b_(b),
          options_(options),
          theme_(theme),
          meter_(meter),
          looks_(options.looks.empty() ? group_looks(a) : options.looks) {
        pair_layers();
        pair_groups();
        find_largest();
    }

    Figure draw() {
        if (const std::string why = nothing_in_common(); !why.empty()) return draw_sentence(why);
        PanelGrid grid;
        std::vector<std::size_t> groups;
        for (const std::size_t group : panels_) {
            grid.panels.push_back(panel_name(group));
            if (group != kMeanPanel) groups.push_back(group);
        }
        for (const Pair& layer : layers_) grid.layers.push_back(a_.layers[layer.a].layer);
        grid.order = options_.columns.empty() ? order_by_owner(a_, groups)
                                              : order_as_given(options_.columns);
        grid.widest_value = "+.00";
        grid.cell = [this](std::size_t panel, std::size_t row, std::size_t expert) {
            return cell(panels_[panel], row, expert);
        };
        grid.legend = [this](double width, bool printed) { return legend(width, printed); };
        return draw_panels(grid,
                           {.name = "compare",
                            .title = title(),
                            .subtitle = subtitle(),
                            .heading = options_.heading,
                            .width = options_.width,
                            .height = options_.height},
                           theme_, meter_);
    }

  private:
    void pair_layers() {
        for (std::size_t i = 0; i < a_.layers.size(); ++i)
            for (std::size_t j = 0; j < b_.layers.size(); ++j)
                if (a_.layers[i].layer == b_.layers[j].layer) layers_.push_back({i, j});
    }

    void pair_groups() {
        std::map<std::string, std::size_t> in_b;
        for (std::size_t g = 0; g < b_.groups.size(); ++g) in_b[b_.groups[g].label] = g;
        for (const std::size_t g : heatmap_groups(options_, looks_)) {
            if (g == kMeanPanel) {
                panels_.push_back(g);
            } else if (const auto at = in_b.find(a_.groups[g].label); at != in_b.end()) {
                panels_.push_back(g);
                partner_[g] = at->second;
            }
        }
        // A mean over other groups would not be the mean of what is shown.
        if (a_.groups.size() != b_.groups.size() || partner_.size() < a_.groups.size())
            std::erase(panels_, kMeanPanel);
    }

    Cell numbers(std::size_t group, std::size_t row, std::size_t expert) const {
        const LayerAnalysis& a = a_.layers[layers_[row].a];
        const LayerAnalysis& b = b_.layers[layers_[row].b];
        Cell out;
        out.chance = a.chance_share();
        if (a.experts != b.experts) return out;
        if (group == kMeanPanel) {
            out.a = a.mean_share[expert];
            out.b = b.mean_share[expert];
        } else {
            out.a = a.share(group, expert);
            out.b = b.share(partner_.at(group), expert);
        }
        return out;
    }

    // Why no cell has a number in both; empty where some have.
    std::string nothing_in_common() const {
        const std::string who = group_noun(a_.options.by);
        if (layers_.empty())
            return "A has " + layers_text(a_) + ", B has " + layers_text(b_) +
                   ": none that both route.";
        if (partner_.empty())
            return "A shows the " + who + " " + groups_text(a_) + ", B has " + groups_text(b_) +
                   ": none that both have.";
        if (any_number_) return {};
        return "A has " + experts_sentence(a_) + ", B has " + experts_sentence(b_) +
               ": expert by expert they cannot be compared.";
    }

    Figure draw_sentence(const std::string& why) const {
        Page page("compare", options_.width > 0 ? options_.width : 480, theme_, meter_);
        const double y = page.heading("No difference to show",
                                      why + " A: " + name_of(a_) + ". B: " + name_of(b_) + ".");
        return std::move(page).finish(std::max(y + kMargin, options_.height));
    }

    void find_largest() {
        for (const std::size_t group : panels_)
            for (std::size_t row = 0; row < layers_.size(); ++row)
                for (std::size_t e = 0; e < a_.layers[layers_[row].a].experts; ++e) {
                    const Cell n = numbers(group, row, e);
                    (std::isnan(n.difference()) ? any_missing_ : any_number_) = true;
                    if (group != kMeanPanel && std::abs(n.difference()) > largest_.size)
                        largest_ = {std::abs(n.difference()), group, row, e, n};
                }
        limit_ = largest_.size > 0 ? round_limit(largest_.size) : 1;
    }

    PanelName panel_name(std::size_t group) const {
        if (group == kMeanPanel)
            return {"All " + group_noun(a_.options.by), "equal-weight mean", {}};
        return {looks_[group].name,
                thousands_text(a_.groups[group].tokens) + " / " +
                    thousands_text(b_.groups[partner_.at(group)].tokens) + " tokens",
                looks_[group].language};
    }

    PanelCell cell(std::size_t group, std::size_t row, std::size_t expert) const {
        const LayerAnalysis& layer = a_.layers[layers_[row].a];
        PanelCell out;
        out.exists = expert < layer.experts;
        if (!out.exists) return out;
        const Cell n = numbers(group, row, expert);
        out.fill = difference_color(n.difference(), limit_, theme_);
        out.hatched = std::isnan(n.difference());
        if (std::abs(n.difference()) >= printed_from())
            out.value =
                (n.difference() > 0 ? "+" : "\u2212") + decimals_text(std::abs(n.difference()));
        out.datum = {
            .kind = "difference",
            .layer = layer.layer,
            .expert = static_cast<int>(expert),
            .group = group == kMeanPanel ? std::string() : a_.groups[group].label,
            .values = {{"A", n.a}, {"B", n.b}, {"A - B", n.difference()}, {"chance", n.chance}}};
        return out;
    }

    double printed_from() const { return limit_ / 2; }

    Block legend(double width, bool printed) const {
        ColorLegend legend;
        const std::string end = number_text(limit_);
        legend.caption = "share of selections in A minus that in B";
        legend.color = [this](double t) {
            return difference_color(limit_ * (2 * t - 1), limit_, theme_);
        };
        legend.ticks = {
            {0, "\u2212" + end + " (more in B)"}, {0.5, "0"}, {1, "+" + end + " (more in A)"}};
        if (any_missing_) legend.swatches.push_back({theme_.missing, true, false, "no data"});
        legend.notes.push_back("A: " + name_of(a_) + ". B: " + name_of(b_) + ".");
        if (printed)
            legend.notes.push_back("Printed: differences of " + number_text(printed_from()) +
                                   " and more.");
        return draw_legend(legend, width, theme_, meter_);
    }

    static std::string name_of(const Analysis& analysis) {
        return analysis.model.name.empty() ? analysis.trace_path : analysis.model.name;
    }

    std::string title() const {
        if (largest_.size == 0) return "No difference in the use of any expert";
        return "Largest change: " + looks_[largest_.group].name + ", layer " +
               std::to_string(a_.layers[layers_[largest_.row].a].layer) + ", expert " +
               std::to_string(largest_.expert) + ": share " + fixed_text(largest_.cell.a) +
               " in A, " + fixed_text(largest_.cell.b) + " in B";
    }

    std::string subtitle() const {
        return "Share of selections in A (" + name_of(a_) + ") minus B (" + name_of(b_) + "), " +
               experts_sentence(a_) + ", " + std::to_string(partner_.size()) + ' ' +
               group_noun(a_.options.by) + " in both";
    }

    const Analysis& a_;
    const Analysis& b_;
    const HeatmapOptions& options_;
    const Theme& theme_;
    const TextMeter& meter_;
    const std::vector<GroupLook> looks_;
    std::vector<Pair> layers_;                    // row -> layers
    std::vector<std::size_t> panels_;             // groups of A
    std::map<std::size_t, std::size_t> partner_;  // group of A -> of B
    Largest largest_;
    double limit_ = 1;
    bool any_missing_ = false;
    bool any_number_ = false;
};

}  // namespace

Figure heatmap_difference_figure(const Analysis& a, const Analysis& b,
                                 const HeatmapOptions& options, const Theme& theme,
                                 const TextMeter& meter) {
    return DifferenceMap(a, b, options, theme, meter).draw();
}

}  // namespace alluvium

#include "analysis/figures/heatmap_figure.h"

#include <algorithm>
#include <cmath>

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

// What one cell stands for.
struct CellNumbers {
    double share = kMissing;
    double chance = kMissing;
    double chosen = kMissing;  // tokens; missing for the mean
    double tokens = kMissing;

    bool never() const { return share == 0; }
    double ratio() const { return share / chance; }
};

CellNumbers numbers_of(const LayerAnalysis& layer, std::size_t group, std::size_t expert) {
    CellNumbers out;
    out.chance = layer.chance_share();
    if (group == kMeanPanel) {
        out.share = layer.mean_share[expert];
        return out;
    }
    out.share = layer.share(group, expert);
    out.tokens = static_cast<double>(layer.tokens[group]);
    if (!layer.selections.empty())
        out.chosen = static_cast<double>(layer.selections(group, expert));
    return out;
}

Datum datum_of(const CellNumbers& n, const LayerAnalysis& layer, std::size_t expert,
               const std::string& group) {
    Datum datum{
        .kind = "cell",
        .layer = layer.layer,
        .expert = static_cast<int>(expert),
        .group = group,
        .values = {
            {"share of selections", n.share}, {"chance", n.chance}, {"share / chance", n.ratio()}}};
    if (std::isfinite(n.chosen)) datum.values.push_back({"tokens that chose it", n.chosen});
    if (std::isfinite(n.tokens)) datum.values.push_back({"tokens", n.tokens});
    return datum;
}

// A share worth printing: 2^1.5 times chance, or half way from chance to all tokens where chance
// itself is high.
double printed_from(const LayerAnalysis& layer) {
    const double chance = layer.chance_share();
    const double most = 1.0 / std::max(1u, layer.top_k);
    return std::min(std::exp2(1.5) * chance, (chance + most) / 2);
}

class ShareMap {
  public:
    ShareMap(const Analysis& analysis, const HeatmapOptions& options, const Theme& theme,
             const TextMeter& meter)
        : analysis_(analysis),
          options_(options),
          theme_(theme),
          meter_(meter),
          looks_(options.looks.empty() ? group_looks(analysis) : options.looks) {
        panels_ = heatmap_groups(options, looks_);
    }

    Figure draw() {
        return draw_panels(frame(),
                           {.name = "heatmap",
                            .title = finding_sentence(analysis_),
                            .subtitle = subtitle(),
                            .heading = options_.heading,
                            .width = options_.width,
                            .height = options_.height},
                           theme_, meter_);
    }

  private:
    bool talk() const { return options_.style == HeatmapStyle::talk; }

    PanelGrid frame() {
        PanelGrid grid;
        std::vector<std::size_t> groups;
        for (const std::size_t group : panels_) {
            grid.panels.push_back(panel_name(group));
            if (group != kMeanPanel) groups.push_back(group);
        }
        for (const LayerAnalysis& layer : analysis_.layers) grid.layers.push_back(layer.layer);
        grid.order = !options_.columns.empty() ? order_as_given(options_.columns)
                     : talk()                  ? order_by_label(analysis_, groups)
                                               : order_by_owner(analysis_, groups);
        grid.every_value = talk();
        grid.widest_value = talk() ? "0.00" : ".00";
        grid.cell = [this](std::size_t panel, std::size_t row, std::size_t expert) {
            return cell(panels_[panel], analysis_.layers[row], expert);
        };
        grid.legend = [this](double width, bool printed) { return legend(width, printed); };
        find_special_cells();
        return grid;
    }

    PanelName panel_name(std::size_t group) const {
        if (group == kMeanPanel)
            return {"All " + group_noun(analysis_.options.by), "equal-weight mean", {}};
        return {looks_[group].name, thousands_text(analysis_.groups[group].tokens) + " tokens",
                looks_[group].language};
    }

    PanelCell cell(std::size_t group, const LayerAnalysis& layer, std::size_t expert) const {
        PanelCell out;
        out.exists = expert < layer.experts;
        if (!out.exists) return out;
        const CellNumbers n = numbers_of(layer, group, expert);
        out.datum = datum_of(n, layer, expert,
                             group == kMeanPanel ? std::string() : analysis_.groups[group].label);
        if (!std::isfinite(n.share)) {
            out.fill = theme_.missing;
            out.hatched = true;
        } else if (talk()) {
            out.fill = share_color(n.share, theme_);
            out.value = fixed_text(n.share, 2);
        } else {
            out.crossed = n.never();
            out.fill =
                n.never() ? never_chosen_color(theme_) : ratio_color(std::log2(n.ratio()), theme_);
            if (n.share >= printed_from(layer)) out.value = decimals_text(n.share);
        }
        return out;
    }

    // Which special colours the legend has to explain.
    void find_special_cells() {
        for (const std::size_t group : panels_)
            for (const LayerAnalysis& layer : analysis_.layers)
                for (std::size_t e = 0; e < layer.experts; ++e) {
                    const CellNumbers n = numbers_of(layer, group, e);
                    any_missing_ = any_missing_ || !std::isfinite(n.share);
                    any_never_ = any_never_ || n.never();
                }
    }

    Block legend(double width, bool printed) const {
        ColorLegend legend;
        if (talk()) {
            legend.caption = "share of selections";
            legend.color = [this](double t) { return share_color(t, theme_); };
            legend.ticks = {
                {0, "0"}, {0.25, "0.25", false}, {0.5, "0.5"}, {0.75, "0.75", false}, {1, "1"}};
            mark_chance(legend);
        } else {
            legend.caption = "share of selections relative to chance";
            legend.color = [this](double t) {
                return ratio_color(kRatioLimit * (2 * t - 1), theme_);
            };
            legend.ticks = {
                {0, "1/8"},      {1.0 / 6, "1/4", false},     {2.0 / 6, "1/2", false},
                {0.5, "chance"}, {4.0 / 6, "2\u00d7", false}, {5.0 / 6, "4\u00d7", false},
                {1, "8\u00d7"}};
            if (any_never_)
                legend.swatches.push_back(
                    {never_chosen_color(theme_), false, true, "never chosen"});
        }
        if (any_missing_) legend.swatches.push_back({theme_.missing, true, false, "no data"});
        legend.notes = notes(printed);
        return draw_legend(legend, width, theme_, meter_);
    }

    void mark_chance(ColorLegend& legend) const {
        if (analysis_.layers.empty()) return;
        const double chance = analysis_.layers.back().chance_share();
        // A tick at 0 would stand on top of it: chance is the more useful number.
        legend.ticks.front() = {chance, "chance " + fixed_text(chance, 3)};
        std::erase_if(legend.ticks, [chance](const ScaleTick& t) {
            return !t.needed && std::abs(t.at - chance) < 0.2;
        });
    }

    std::vector<std::string> notes(bool printed) const {
        std::vector<std::string> out;
        if (analysis_.layers.empty()) return out;
        const LayerAnalysis& last = analysis_.layers.back();
        const std::string top = std::to_string(last.layer);
        const bool labelled = analysis_.model.expert_labels.size() == last.experts;
        if (talk() && labelled)
            out.push_back("Columns: experts, named as in the checkpoint.");
        else if (panels_.size() == 1)
            out.push_back("Columns: experts, by falling share in layer " + top + ".");
        else
            out.push_back("Columns: experts, grouped by the " + analysis_.options.by +
                          " that uses them most in layer " + top + ".");
        if (!talk() && labelled)
            out.push_back(
                "Names of experts: the checkpoint's own, what each stood for in training.");
        if (!talk() && printed)
            out.push_back("Printed: shares of " + fixed_text(printed_from(last), 2) + " and more.");
        return out;
    }

    std::string subtitle() const {
        if (analysis_.layers.empty()) return sample_sentence(analysis_, looks_);
        const LayerAnalysis& last = analysis_.layers.back();
        return "Share of selections, " + experts_sentence(analysis_) +
               "; chance = " + number_text(last.chance_share()) + ". " +
               sample_sentence(analysis_, looks_);
    }

    const Analysis& analysis_;
    const HeatmapOptions& options_;
    const Theme& theme_;
    const TextMeter& meter_;
    const std::vector<GroupLook> looks_;
    std::vector<std::size_t> panels_;
    bool any_missing_ = false, any_never_ = false;
};

}  // namespace

std::vector<std::size_t> heatmap_columns(const Analysis& analysis, const HeatmapOptions& options) {
    const std::vector<GroupLook> looks =
        options.looks.empty() ? group_looks(analysis) : options.looks;
    std::vector<std::size_t> groups = heatmap_groups(options, looks);
    std::erase(groups, kMeanPanel);
    return options.style == HeatmapStyle::talk ? order_by_label(analysis, groups).experts
                                               : order_by_owner(analysis, groups).experts;
}

Figure heatmap_figure(const Analysis& analysis, const HeatmapOptions& options, const Theme& theme,
                      const TextMeter& meter) {
    return ShareMap(analysis, options, theme, meter).draw();
}

}  // namespace alluvium

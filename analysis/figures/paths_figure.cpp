#include "analysis/figures/paths_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/layer_plot.h"
#include "analysis/number_text.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kNames = 84;     // of groups
constexpr double kNumber = 56;    // the effective number of paths
constexpr double kRow = 30;       // a group
constexpr double kChip = 16;      // height of a path
constexpr double kBetween = 8;    // paths
constexpr double kOverlap = 110;  // height of the plot below
constexpr double kLine = kLeading * kSmallSize;

std::string path_text(const std::vector<ExpertId>& experts) {
    std::string text;
    for (const ExpertId e : experts) text += (text.empty() ? "" : " ") + std::to_string(e);
    return text;
}

std::string layers_text(const std::vector<LayerId>& layers) {
    std::string text;
    for (const LayerId layer : layers) text += (text.empty() ? "" : ", ") + std::to_string(layer);
    return text;
}

const PathWindow& window_of(const RoutePaths& paths, const std::optional<LayerId>& layer) {
    if (paths.windows.empty()) {
        throw UserError("paths run through " + std::to_string(paths.length) +
                            " routed layers: the trace has fewer",
                        "'alluvium render heatmap' shows layer by layer");
    }
    if (!layer) return paths.windows.back();
    for (const PathWindow& window : paths.windows) {
        if (window.layers.front() == *layer) return window;
    }
    throw UserError(
        "--layer " + std::to_string(*layer) + ": no path of " + std::to_string(paths.length) +
            " routed layers begins there",
        "the last begins at layer " + std::to_string(paths.windows.back().layers.front()));
}

class PathsPage {
  public:
    PathsPage(const RoutePaths& paths, const PathsFigureOptions& options, const Theme& theme,
              const TextMeter& meter)
        : paths_(paths),
          window_(window_of(paths, options.layer)),
          looks_(options.looks),
          theme_(theme),
          page_("paths", options.width > 0 ? options.width : kDefaultWidth, theme, meter) {
        if (looks_.empty()) {
            for (const std::string& label : paths.groups)
                looks_.push_back({label, label, {}, {}, {}});
        }
    }

    Figure draw() {
        double y = page_.heading("Paths through layers " + layers_text(window_.layers), subtitle());
        page_.text("effective", small_style(), theme_.muted,
                   {{kMargin + kNames, y + kLine}, HAlign::left, VAlign::bottom});
        y += kLine + 4;
        for (const std::size_t g : family_order(looks_)) {
            draw_group(g, y);
            y += kRow;
        }
        y = draw_overlap(y + 12);
        y = page_.paragraph(note(), small_style(), theme_.muted,
                            {kMargin, y, page_.width() - 2 * kMargin, 0});
        return std::move(page_).finish(y + kMargin - 4);
    }

  private:
    std::string subtitle() const {
        std::string text =
            "The best experts that tokens take one after the other, most frequent first; below: "
            "share of the group's tokens, and how many times the mean share of all groups";
        if (!window_.dense_between.empty()) {
            text += ". Layers without a router lie between: " + layers_text(window_.dense_between);
        }
        return text + ".";
    }

    std::string note() const {
        std::string text =
            "Effective: as many equally frequent paths (exp of the entropy, corrected for unseen "
            "ones). Overlap: share of their paths that two groups have in common, mean over pairs, "
            "by a window's first layer. Formulas: docs/metrics.md.";
        if (paths_.drawn) text += " Of a large trace, some translation groups.";
        for (const auto& [what, why] : paths_.missing) text += " " + what + ": " + why + ".";
        return text;
    }

    void draw_group(std::size_t g, double y) {
        const GroupLook& look = looks_[g];
        const TextStyle name{kBodySize, true, false, look.language};
        page_.text(shortened(look.name, name, kNames - 6, page_.meter()), name, theme_.text,
                   {{kMargin, y + kChip / 2}, HAlign::left, VAlign::middle});
        const PathEntropy& entropy = window_.entropy[g];
        page_.text(std::isfinite(entropy.effective) ? fixed_text(entropy.effective, 1) : "-",
                   body_style(), theme_.text,
                   {{kMargin + kNames, y + kChip / 2}, HAlign::left, VAlign::middle});
        page_.add(
            RectShape{.rect = {kMargin, y, kNames + kNumber - 8, kChip}, .fill = {0, 0, 0, 0}},
            page_.datum(
                {.kind = "paths",
                 .layer = window_.layers.front(),
                 .group = look.label,
                 .values = {{"effective", entropy.effective}, {"coverage", entropy.coverage}}}));
        double x = kMargin + kNames + kNumber;
        for (const FrequentPath& path : window_.frequent[g]) {
            x = draw_path(look.label, path, x, y);
            if (x < 0) return;
        }
    }

    // The x behind it; below 0 where it has no room.
    double draw_path(const std::string& group, const FrequentPath& path, double x, double y) {
        const std::string text = path_text(path.experts);
        const std::string below =
            fixed_text(100 * path.share, 1) + " % \u00d7" + fixed_text(path.lift, 1);
        const double width = std::max(page_.width_of(text, body_style()) + 10,
                                      page_.width_of(below, small_style()) + 2);
        if (x + width > page_.width() - kMargin) return -1;
        page_.add(RectShape{.rect = {x, y, width, kChip}, .fill = theme_.grid, .radius = 2.5},
                  page_.datum({.kind = "path",
                               .layer = window_.layers.front(),
                               .group = group,
                               .values = {{"path", kMissing, text},
                                          {"tokens", static_cast<double>(path.tokens)},
                                          {"share", path.share},
                                          {"lift", path.lift}}}));
        page_.text(text, body_style(), theme_.text,
                   {{x + width / 2, y + kChip / 2}, HAlign::center, VAlign::middle});
        page_.text(below, small_style(), theme_.muted,
                   {{x + width / 2, y + kChip + kLine / 2}, HAlign::center, VAlign::middle});
        return x + width + kBetween;
    }

    // Of all windows; chance and its lower 5 % shaded.
    double draw_overlap(double y) {
        std::vector<int> layers;
        Series overlap, chance, low;
        double least = 1;
        for (const PathWindow& window : paths_.windows) {
            layers.push_back(window.layers.front());
            overlap.push_back(window.overlap);
            chance.push_back(window.overlap_null);
            low.push_back(window.overlap_null_p05);
            for (const double v : {window.overlap, window.overlap_null_p05}) {
                if (std::isfinite(v)) least = std::min(least, v);
            }
        }
        y = page_.paragraph(
                "Overlap of the groups' paths; dashed: under shuffled labels, shaded "
                "down to their lowest 5 %",
                small_style(), theme_.text, {kMargin, y, page_.width() - 2 * kMargin, 0}) +
            8;
        const Rect rect{kMargin + 34, y, page_.width() - 2 * kMargin - 34, kOverlap};
        LayerPlot plot(page_, rect, layers, std::max(0.0, least - 0.05), 1);
        plot.draw_axes();
        plot.draw_missing(overlap);
        Color shade = theme_.muted;
        shade.a = 50;
        plot.draw_area(low, chance, shade);
        plot.draw_line(chance, {{}, theme_.muted, 1, {4, 3}});
        plot.draw_line(overlap, {{}, theme_.accent, 1.5});
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (!std::isfinite(overlap[i])) continue;
            page_.add(CircleShape{.center = {plot.x(i), plot.y(overlap[i])},
                                  .radius = 2.4,
                                  .fill = theme_.accent},
                      page_.datum({.kind = "overlap",
                                   .layer = layers[i],
                                   .values = {{"overlap", overlap[i]},
                                              {"chance", chance[i]},
                                              {"5 % of chance", low[i]}}}));
        }
        return plot.bottom() + kLine + 12;
    }

    const RoutePaths& paths_;
    const PathWindow& window_;
    std::vector<GroupLook> looks_;
    const Theme& theme_;
    Page page_;
};

}  // namespace

Figure paths_figure(const RoutePaths& paths, const PathsFigureOptions& options, const Theme& theme,
                    const TextMeter& meter) {
    return PathsPage(paths, options, theme, meter).draw();
}

}  // namespace alluvium

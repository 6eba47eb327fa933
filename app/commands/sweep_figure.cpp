#include "app/commands/sweep_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/scores_figure.h"
#include "analysis/number_text.h"
#include "captures/published.h"

namespace alluvium {
namespace {

std::string panel_title(const std::string& measure) {
    const std::string given =
        measure.ends_with("_language_given") ? ", the language given" : std::string();
    if (measure.starts_with("nats_per_byte")) {
        return "Nats per byte, mean over languages" + given + " (lower is better)";
    }
    return "Topic accuracy, mean over languages" + given + " (higher is better)";
}

std::string axis_name(const std::string& experiment) {
    if (experiment == "last") return "layers at the end that have experts";
    return experiment == "routing" ? "model and its routing in training" : "learnt from";
}

std::string figure_title(const std::string& experiment) {
    if (experiment == "last") return "Experts in the last layers only";
    return experiment == "routing" ? "Routing strategies" : "What is learnt from which texts";
}

ScorePanel panel_of(const std::vector<SweepEntry>& entries, const std::string& experiment,
                    const std::string& measure) {
    ScorePanel panel{.title = panel_title(measure),
                     .axis = axis_name(experiment),
                     .joined = experiment == "last"};
    for (const auto& [row, result] : entries) {
        if (row.experiment != experiment) continue;
        for (const SweepScore& score : result.scores) {
            if (score.measure != measure || score.group != kSweepMean) continue;
            panel.points.push_back({row.label, score.value, score.low, score.high});
        }
    }
    return panel;
}

// The accuracies of one group of languages in the columns of our rows; what was not published, or
// cannot be read, is missing.
ScorePanel published_panel(const std::vector<SweepEntry>& entries, const std::string& experiment,
                           const std::string& languages, double PublishedSweepRow::*accuracy) {
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    ScorePanel panel{.title = "Published: accuracy on medical questions, " + languages,
                     .axis = {},
                     .hollow = true};
    const std::vector<PublishedSweepRow> published = published_sweep_rows();
    for (const auto& [row, result] : entries) {
        if (row.experiment != experiment) continue;
        const auto found = std::ranges::find_if(published, [&, &own = row](const auto& other) {
            return other.experiment == experiment && other.label == own.label;
        });
        const bool known = found != published.end();
        panel.points.push_back(
            {row.label, known ? (*found).*accuracy : kUnknown, kUnknown, kUnknown});
        if (known) panel.axis = found->model + ", arXiv 2410.10626, " + found->source;
    }
    return panel;
}

}  // namespace

Figure sweep_figure(const std::vector<SweepEntry>& entries, const std::string& experiment,
                    const Theme& theme, const TextMeter& meter) {
    std::vector<ScorePanel> panels;
    const auto add = [&panels](ScorePanel panel) {
        const auto finite = [](const ScorePoint& point) { return std::isfinite(point.value); };
        const bool shows =
            panel.hollow ? std::ranges::any_of(panel.points, finite) : !panel.points.empty();
        if (shows) panels.push_back(std::move(panel));
    };
    for (const std::string& measure : sweep_measures(entries)) {
        add(panel_of(entries, experiment, measure));
    }
    add(published_panel(entries, experiment, "12 major languages", &PublishedSweepRow::major));
    add(published_panel(entries, experiment, "38 minor languages", &PublishedSweepRow::minor));
    const SweepResult& first = entries.front().result;
    std::string subtitle = std::to_string(first.steps) + " steps of training, " +
                           thousands_text(static_cast<std::uint64_t>(first.tokens)) +
                           " tokens each, from the same dense model; bars: 95 % bootstrap over "
                           "texts or questions, not over trainings";
    if (panels.size() > 0 && panels.back().hollow) {
        subtitle += "; hollow: published, another measure and larger models";
    }
    return scores_figure(panels,
                         {.title = figure_title(experiment), .subtitle = subtitle, .width = 0},
                         theme, meter);
}

}  // namespace alluvium

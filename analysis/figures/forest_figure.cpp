#include "analysis/figures/forest_figure.h"

#include <algorithm>
#include <filesystem>

#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/interval_table.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kEffect = 0.02;  // as analysis/judge.cpp

// Files of one model are told apart by their names.
std::string name_of(const ClaimResult& result) {
    return std::filesystem::path(result.path).stem().string();
}

Color color_of(Outcome outcome, const Theme& theme) {
    const auto palette = selection_palette(theme);
    if (outcome == Outcome::supported) return palette[0];
    if (outcome == Outcome::refuted) return palette[1];
    return theme.muted;
}

Datum datum_of(const ClaimResult& result) {
    Datum datum;
    datum.kind = "trace";
    datum.group = name_of(result);
    for (const MeasuredEffect& effect : result.effects) {
        datum.values.push_back({effect.name, effect.value.value});
        datum.values.push_back({effect.name + " low", effect.value.low});
        datum.values.push_back({effect.name + " high", effect.value.high});
        datum.values.push_back({effect.name + " power", effect.power});
    }
    datum.values.push_back({"outcome", kMissing, std::string(to_string(result.outcome))});
    datum.values.push_back({"pattern", kMissing, std::string(to_string(result.verdict.pattern))});
    datum.values.push_back({"checkpoint", kMissing, result.model.checkpoint_id});
    return datum;
}

std::string title_of(const Claim& claim, const std::vector<ClaimResult>& results) {
    const auto count = [&](Outcome outcome) {
        return std::count_if(results.begin(), results.end(),
                             [&](const ClaimResult& r) { return r.outcome == outcome; });
    };
    return claim.name + ": supported by " + std::to_string(count(Outcome::supported)) + " of " +
           std::to_string(results.size()) + " traces, refuted by " +
           std::to_string(count(Outcome::refuted));
}

std::string subtitle_of(const Claim& claim) {
    std::string text = claim.statement.empty() ? "" : claim.statement + " ";
    text += "Differences of relative divergence between " + group_noun(claim.options.by) +
            ", 95 % intervals";
    if (!claim.options.where.empty()) text += ", where " + claim.options.where;
    return text + ". Claim file " + claim.file_hash + ".";
}

IntervalTable table_of(const Claim& claim, const std::vector<ClaimResult>& results,
                       const Theme& theme) {
    IntervalTable table;
    for (const ClaimResult& result : results) {
        if (result.effects.size() > table.columns.size()) {
            table.columns.clear();
            for (const MeasuredEffect& e : result.effects) table.columns.push_back(e.name);
        }
    }
    if (table.columns.empty()) table.columns.push_back("no effect could be measured");
    table.marks = claim.effect ? std::vector<double>{claim.effect->above}
                               : std::vector<double>{-kEffect, kEffect};
    for (const ClaimResult& result : results) {
        IntervalRow row{.name = name_of(result),
                        .values = {},
                        .note = std::string(to_string(result.outcome)) + " (" +
                                std::string(to_string(result.verdict.pattern)) + ")",
                        .strong = result.outcome == Outcome::supported,
                        .faint = result.outcome == Outcome::inconclusive,
                        .color = color_of(result.outcome, theme),
                        .datum = datum_of(result)};
        for (const MeasuredEffect& effect : result.effects) row.values.push_back(effect.value);
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace

Figure forest_figure(const Claim& claim, const std::vector<ClaimResult>& results,
                     const ForestOptions& options, const Theme& theme, const TextMeter& meter) {
    Page page("forest", options.width > 0 ? options.width : kDefaultWidth, theme, meter);
    const auto across = [&](double y) { return Rect{kMargin, y, page.width() - 2 * kMargin, 0}; };
    double y = page.heading(title_of(claim, results), subtitle_of(claim)) + 4;
    y = draw_interval_table(page, table_of(claim, results, theme), across(y));
    for (const ClaimResult& result : results) {
        std::string text = name_of(result) + " (" + result.model.name +
                           checkpoint_sentence(result.model) + "; " +
                           thousands_text(result.tokens) + " tokens): ";
        for (std::size_t i = 0; i < result.reasons.size(); ++i) {
            text += (i > 0 ? "; " : "") + result.reasons[i];
        }
        y = page.paragraph(text + ".", small_style(), theme.muted, across(y)) + 2;
    }
    return std::move(page).finish(y + kMargin - 4);
}

}  // namespace alluvium

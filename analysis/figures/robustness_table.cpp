#include "analysis/figures/robustness_table.h"

#include "analysis/figures/interval_table.h"

namespace alluvium {
namespace {

constexpr double kEffect = 0.02;  // as analysis/judge.cpp

Datum datum_of(const RobustnessRow& row) {
    return {.kind = "variant",
            .group = row.variant,
            .values = {{"late - middle", row.d_late.value},
                       {"late low", row.d_late.low},
                       {"late high", row.d_late.high},
                       {"early - middle", row.d_early.value},
                       {"early low", row.d_early.low},
                       {"early high", row.d_early.high},
                       {"pattern", kMissing, std::string(to_string(row.pattern))}}};
}

IntervalRow table_row(const RobustnessRow& row, const Theme& theme) {
    const bool changed = row.agreement == Agreement::changed;
    return {.name = row.words,
            .values = {row.d_late, row.d_early},
            .note = std::string(to_string(row.pattern)),
            .strong = changed,
            .faint = row.agreement == Agreement::unclear,
            .color = changed ? theme.text : theme.muted,
            .datum = datum_of(row)};
}

}  // namespace

double draw_robustness_table(Page& page, const Analysis& analysis, const Rect& into) {
    const Verdict& v = analysis.verdict;
    if (v.robustness.empty()) return into.y;
    IntervalTable table{.heading = "Counted in other ways",
                        .columns = {"late - middle", "early - middle"},
                        .marks = {-kEffect, kEffect},
                        .rows = {}};
    const RobustnessRow own{"as judged", "as judged", v.pattern,
                            v.d_late,    v.d_early,   Agreement::same};
    table.rows.push_back(table_row(own, page.theme()));
    table.rows.back().strong = true;
    table.rows.back().color = page.theme().accent;
    for (const RobustnessRow& row : v.robustness)
        table.rows.push_back(table_row(row, page.theme()));
    return draw_interval_table(page, table, into);
}

}  // namespace alluvium

#include "model/sweep/sweep_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "model/train/training_log.h"

namespace alluvium {
namespace {

std::string number(double value) {
    return number_field(std::isfinite(value) ? std::optional(value) : std::nullopt);
}

std::string csv_line(const std::vector<std::string>& fields) {
    std::string line = fields.front();
    for (std::size_t i = 1; i < fields.size(); ++i) line += "," + fields[i];
    return line + "\n";
}

const SweepScore* mean_of(const SweepResult& result, const std::string& measure) {
    const auto found = std::ranges::find_if(result.scores, [&](const SweepScore& score) {
        return score.measure == measure && score.group == kSweepMean;
    });
    return found == result.scores.end() ? nullptr : &*found;
}

std::string score_text(const SweepScore* score) {
    if (score == nullptr || !std::isfinite(score->value)) return "missing";
    char text[64];
    std::snprintf(text, sizeof text, "%.4f [%.4f, %.4f]", score->value, score->low, score->high);
    return text;
}

void pad_columns(std::vector<std::vector<std::string>>& rows) {
    for (std::size_t column = 0; column + 1 < rows.front().size(); ++column) {
        std::size_t width = 0;
        for (const auto& row : rows) width = std::max(width, row[column].size());
        for (auto& row : rows) row[column].resize(width, ' ');
    }
}

}  // namespace

std::vector<std::string> sweep_measures(const std::vector<SweepEntry>& entries) {
    std::vector<std::string> measures;
    for (const SweepEntry& entry : entries) {
        for (const SweepScore& score : entry.result.scores) {
            if (std::ranges::find(measures, score.measure) == measures.end()) {
                measures.push_back(score.measure);
            }
        }
    }
    return measures;
}

std::string sweep_csv(const std::vector<SweepEntry>& entries) {
    std::string text =
        "experiment,label,run,routed_layers,routing,parameters,active_parameters,steps,tokens,"
        "measure,group,value,low,high,count\n";
    for (const auto& [row, result] : entries) {
        for (const SweepScore& score : result.scores) {
            text += csv_line(
                {row.experiment, row.label, row.run.name, std::to_string(result.routed.size()),
                 row.run.routing, std::to_string(result.parameters),
                 std::to_string(result.active_parameters), std::to_string(result.steps),
                 std::to_string(result.tokens), score.measure, score.group, number(score.value),
                 number(score.low), number(score.high), std::to_string(score.count)});
        }
    }
    return text;
}

std::string sweep_text(const std::vector<SweepEntry>& entries) {
    const std::vector<std::string> measures = sweep_measures(entries);
    std::vector<std::vector<std::string>> rows = {
        {"experiment", "row", "routed layers", "parameters"}};
    rows.front().insert(rows.front().end(), measures.begin(), measures.end());
    for (const auto& [row, result] : entries) {
        std::vector<std::string> cells = {row.experiment, row.label,
                                          std::to_string(result.routed.size()),
                                          std::to_string(result.parameters)};
        for (const std::string& measure : measures) {
            cells.push_back(score_text(mean_of(result, measure)));
        }
        rows.push_back(std::move(cells));
    }
    pad_columns(rows);
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (const std::string& cell : row) line += (line.empty() ? "" : "  ") + cell;
        text += line + "\n";
    }
    return text;
}

}  // namespace alluvium

#include "analysis/paths/paths_json.h"

namespace alluvium {
namespace {

Json entropy_json(const PathEntropy& entropy) {
    return {{"observed", json_number(entropy.observed)},
            {"corrected", json_number(entropy.corrected)},
            {"effective", json_number(entropy.effective)},
            {"coverage", json_number(entropy.coverage)}};
}

Json frequent_json(const std::vector<FrequentPath>& paths) {
    Json array = Json::array();
    for (const FrequentPath& path : paths) {
        array.push_back({{"experts", path.experts},
                         {"tokens", path.tokens},
                         {"share", path.share},
                         {"lift", path.lift}});
    }
    return array;
}

Json matrix(const Grid<double>& grid) {
    if (grid.empty()) return nullptr;
    Json rows = Json::array();
    for (std::size_t r = 0; r < grid.rows(); ++r) {
        Json row = Json::array();
        for (const double v : grid.row(r)) row.push_back(json_number(v));
        rows.push_back(std::move(row));
    }
    return rows;
}

Json window_json(const PathWindow& window, const std::vector<std::string>& groups) {
    Json by_group = Json::object();
    for (std::size_t g = 0; g < groups.size(); ++g) {
        by_group[groups[g]] = {{"tokens", window.tokens[g]},
                               {"entropy", entropy_json(window.entropy[g])},
                               {"frequent", frequent_json(window.frequent[g])}};
    }
    return {{"layers", window.layers},
            {"dense_between", window.dense_between},
            {"groups", std::move(by_group)},
            {"overlap",
             {{"mean", json_number(window.overlap)},
              {"null", json_number(window.overlap_null)},
              {"null_p05", json_number(window.overlap_null_p05)},
              {"pairwise", matrix(window.pairwise)}}}};
}

}  // namespace

Json paths_json(const RoutePaths& paths) {
    Json windows = Json::array();
    for (const PathWindow& window : paths.windows) {
        windows.push_back(window_json(window, paths.groups));
    }
    return {{"length", paths.length},
            {"groups", paths.groups},
            {"drawn", paths.drawn},
            {"windows", std::move(windows)},
            {"missing", paths.missing}};
}

}  // namespace alluvium

#include "analysis/search/route_search_json.h"

namespace alluvium {
namespace {

Json group_json(const SearchGroup& group) {
    const GroupLift& count = group.count;
    Json lift = nullptr;
    if (count.lift.has_value()) {
        lift = {json_number(count.lift.value), json_number(count.lift.low),
                json_number(count.lift.high)};
    }
    return {{"group", group.label},
            {"hits", count.hits},
            {"tokens", count.tokens},
            {"rate", json_number(count.rate)},
            {"lift", lift}};
}

Json line_json(const SearchLine& line) {
    return {{"row", line.row},           {"prompt", line.prompt},     {"group", line.label},
            {"position", line.position}, {"token_id", line.token_id}, {"left", line.text.left},
            {"token", line.text.token},  {"right", line.text.right}};
}

}  // namespace

Json route_search_json(const RouteSearch& search) {
    Json groups = Json::array(), lines = Json::array(), missing = Json::object();
    for (const SearchGroup& group : search.groups) groups.push_back(group_json(group));
    for (const SearchLine& line : search.lines) lines.push_back(line_json(line));
    for (const SearchGroup& group : search.groups) {
        if (group.count.lift.has_interval()) continue;
        missing["lift." + group.label] = !search.no_interval.empty() ? search.no_interval
                                         : group.count.hits == 0     ? "no hit"
                                                                     : "one unit holds all hits";
    }
    return {{"query", search.query},
            {"by", search.by},
            {"trace", search.trace_path},
            {"hits", search.hits},
            {"tokens", search.tokens},
            {"base",
             {{"hits", search.base_hits},
              {"tokens", search.base_tokens},
              {"rate", json_number(search.base_rate)}}},
            {"groups", std::move(groups)},
            {"lines", std::move(lines)},
            {"missing", std::move(missing)}};
}

}  // namespace alluvium

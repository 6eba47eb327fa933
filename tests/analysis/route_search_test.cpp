#include "analysis/search/route_search.h"

#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/search/find_rows.h"
#include "analysis/slices/row_filter.h"
#include "base/error.h"
#include "base/files.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

TraceData routed_data() {
    PlantedTrace plan;
    plan.languages = 3;
    plan.groups = 6;
    plan.tokens = 40;
    plan.layers = 3;
    plan.experts = 6;
    plan.pull = [](double depth) { return depth; };
    TraceData data = planted_data(plan);
    for (LayerData& layer : data.layers) {
        for (std::size_t t = 0; t < data.tokens.size(); ++t) {
            layer.margin.push_back(static_cast<float>(t * 7919 % 100) / 100);
        }
    }
    for (std::size_t t = 0; t < data.tokens.size(); t += 40) data.tokens.special[t] = 1;
    data.layers[1].experts(50, 0) = data.layers[1].experts(50, 1) = kMissingExpert;
    return data;
}

std::vector<std::uint32_t> found(const RoutingTrace& trace, const std::string& query) {
    const Slice slice = parse_slice(query);
    RouteIndex index(trace, {});
    Progress progress;
    RowSet all;
    all.addRange(0, trace.header().token_count);
    const RowSet rows = find_rows(trace, slice, {slice.root, all}, index, progress);
    return {rows.begin(), rows.end()};
}

// The same by looking at every row.
std::vector<std::uint32_t> looked_at(const RoutingTrace& trace, const std::string& query) {
    const RowFilter filter(trace, parse_slice(query));
    std::vector<std::uint32_t> rows;
    for (std::uint32_t t = 0; t < trace.header().token_count; ++t) {
        if (filter.matches({trace, {t, t + 1}})[0] != 0) rows.push_back(t);
    }
    return rows;
}

const SearchGroup& group_of(const RouteSearch& search, const std::string& label) {
    for (const SearchGroup& group : search.groups) {
        if (group.label == label) return group;
    }
    FAIL("no group " << label);
    return search.groups.front();
}

}  // namespace

TEST_CASE("The index finds the rows that looking at every row finds") {
    const TracePtr trace = make_trace(routed_data());
    for (const char* query :
         {"L0:E1", "L0:E1 then L2:E1", "not L1:E0", "L0:E1|E2 or L1:E3", "language=l1",
          "language!=l1 and L1:E1", "special=yes", "phase=prompt and not special=yes",
          "class=no_text and L0:E0", "position<5 and L0:E0", "not (position<5 and L0:E0)",
          "L0:E1 then L1:E1 and margin>0.5", "L2.margin>0.9 or L1:E2", "token=0 and L0:E5"}) {
        INFO(query);
        CHECK(found(*trace, query) == looked_at(*trace, query));
        CHECK(!found(*trace, query).empty());
    }
}

TEST_CASE("Hits, rates and lift are counted by hand") {
    TraceData data = routed_data();
    const TracePtr trace = make_trace(data);
    Progress progress;
    const RouteSearch search =
        search_routes(*trace, "L0:E1 then L2:E1 and language in (l0, l1)", {}, progress);
    std::map<std::string, std::pair<double, double>> counts;
    double base_hits = 0, base_tokens = 0;
    for (std::size_t t = 0; t < data.tokens.size(); ++t) {
        if (data.tokens.special[t] != 0) continue;
        const auto chose = [&](std::size_t l, ExpertId e) {
            return data.layers[l].experts(t, 0) == e || data.layers[l].experts(t, 1) == e;
        };
        const bool hit = chose(0, 1) && chose(2, 1);
        base_hits += hit;
        base_tokens += 1;
        auto& [hits, tokens] = counts[data.header.prompts.language[data.tokens.prompt[t]]];
        hits += hit;
        tokens += 1;
    }
    CHECK(static_cast<double>(search.base_hits) == base_hits);
    CHECK(static_cast<double>(search.base_tokens) == base_tokens);
    CHECK(search.groups.size() == 2);
    for (const char* label : {"l0", "l1"}) {
        const auto [hits, tokens] = counts[label];
        const GroupLift& group = group_of(search, label).count;
        CHECK(static_cast<double>(group.hits) == hits);
        CHECK(static_cast<double>(group.tokens) == tokens);
        CHECK(group.lift.value == Catch::Approx(hits / tokens / (base_hits / base_tokens)));
        CHECK(group.lift.low < group.lift.value);
        CHECK(group.lift.high > group.lift.value);
    }
    // Language 1 is pulled to expert 1 in the last layer.
    CHECK(search.groups.front().label == "l1");
    CHECK(search.groups.front().count.lift.low > 1);
}

TEST_CASE("Lines are spread over the hits and hold the hit") {
    TraceData data = routed_data();
    const TracePtr trace = make_trace(data);
    Progress progress;
    SearchOptions options;
    options.lines = 7;
    const RouteSearch search = search_routes(*trace, "L0:E1", options, progress);
    REQUIRE(search.lines.size() == 7);
    std::set<std::string> prompts;
    for (const SearchLine& line : search.lines) {
        prompts.insert(line.prompt);
        const auto row = data.layers[0].experts.row(line.row);
        CHECK((row[0] == 1 || row[1] == 1));
        CHECK(line.position == data.tokens.position[line.row]);
    }
    CHECK(prompts.size() == 7);
}

TEST_CASE("A kept index answers alike, and a changed trace is indexed anew") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "t.h5").string();
    write_trace(routed_data(), path);
    SearchOptions options;
    options.index_folder = folder.path() / "index";
    Progress progress;
    const auto hits = [&] {
        const RouteSearch search = search_routes(*open_trace(path), "L1:E2", options, progress);
        CHECK(search.index_note.empty());
        return search.hits;
    };
    const std::uint64_t first = hits();
    CHECK(std::filesystem::exists(options.index_folder));
    progress.start(0);
    CHECK(hits() == first);
    CHECK(progress.done() == 0);  // nothing was read again
    TraceData changed = routed_data();
    for (std::size_t t = 0; t < 100; ++t) {
        changed.layers[1].experts(t, 0) = 2;
        changed.layers[1].experts(t, 1) = 3;
    }
    write_trace(changed, path);
    CHECK(hits() != first);
    // A damaged file is made again.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options.index_folder)) {
        if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 100);
    }
    const std::uint64_t again = hits();
    CHECK(again == search_routes(*open_trace(path), "L1:E2", {}, progress).hits);
}

TEST_CASE("A query without a route, or of a trace without tokens, is refused") {
    Progress progress;
    CHECK_THROWS_AS(search_routes(*make_trace(routed_data()), "language=l0", {}, progress),
                    UserError);
    TraceData counts;
    counts.header.kind = TraceKind::counts;
    CHECK_THROWS_AS(search_routes(*make_trace(counts), "L0:E1", {}, progress), UserError);
}

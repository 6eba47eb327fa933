#include "analysis/search/route_search.h"

#include <algorithm>

#include "analysis/search/find_rows.h"
#include "analysis/slices/row_filter.h"
#include "analysis/token_class.h"
#include "analysis/token_traits.h"
#include "base/error.h"
#include "captures/generated_text.h"

namespace alluvium {
namespace {

bool is_about_routes(const TraceHeader& header, const Slice& slice, const SliceNode& node) {
    bool found = false;
    for_each_node(node, [&](const SliceNode& n) {
        found = found || n.kind == SliceNode::Kind::route ||
                (n.kind == SliceNode::Kind::compare &&
                 column_of(header, slice, n) == SliceColumn::margin);
    });
    return found;
}

// The two halves of a query; a half without a part holds every row.
struct Query {
    SliceNode event, among;
};

Query split(const TraceHeader& header, const Slice& slice) {
    Query query;
    const bool conjunction = slice.root.kind == SliceNode::Kind::all_of;
    const std::vector<SliceNode> parts =
        conjunction ? slice.root.children : std::vector<SliceNode>{slice.root};
    for (const SliceNode& part : parts) {
        const bool event = is_about_routes(header, slice, part);
        (event ? query.event : query.among).children.push_back(part);
    }
    if (query.event.children.empty()) {
        refuse_slice(slice, slice.root.place, "no route and no margin is named",
                     "for instance: L3:E5 then L4:E2 and language=fr");
    }
    return query;
}

class Search {
  public:
    Search(const RoutingTrace& trace, const Slice& slice, const SearchOptions& options,
           Progress& progress)
        : trace_(trace),
          slice_(slice),
          options_(options),
          progress_(progress),
          by_class_(options.by == "class"),
          index_(trace, options.index_folder) {}

    RouteSearch run() {
        const TraceHeader& header = trace_.header();
        const Grouping grouping = by_class_ ? class_grouping() : group_rows(header, options_.by);
        const Query query = split(header, slice_);
        const RowSet counted = counted_rows();
        const RowSet event = rows_of(query.event, counted);
        const bool everywhere = query.among.children.empty();
        const RowSet among = everywhere ? RowSet() : rows_of(query.among, counted);
        const RowSet hits = everywhere ? event : event & among;

        RouteSearch result;
        result.query = slice_.text;
        result.by = options_.by;
        result.trace_path = header.path;
        result.base_hits = event.cardinality();
        result.base_tokens = counted.cardinality();
        if (result.base_tokens > 0) {
            result.base_rate =
                static_cast<double>(result.base_hits) / static_cast<double>(result.base_tokens);
        }
        count_groups({&event, &counted, &hits, everywhere ? nullptr : &among}, grouping, result);
        read_lines(hits, grouping, result);
        if (!options_.index_folder.empty()) result.index_note = index_.not_kept();
        return result;
    }

  private:
    RowSet rows_of(const SliceNode& node, const RowSet& within) {
        return find_rows(trace_, slice_, {node, within}, index_, progress_);
    }

    RowSet counted_rows() {
        RowSet rows = index_.usable(progress_);
        if (!names_column(slice_.root, "special")) rows -= index_.special(progress_);
        if (!names_column(slice_.root, "phase")) rows -= index_.generated(progress_);
        return rows;
    }

    // [prompts] how many of the rows each holds. Of a set that holds most rows, those that it lacks
    // are counted: there are fewer.
    std::vector<std::uint32_t> by_prompt(RowSet rows) const {
        const PromptTable& prompts = trace_.header().prompts;
        const TokenPos all = trace_.header().token_count;
        const bool most = rows.cardinality() > all / 2;
        if (most) rows.flip(0, all);
        std::vector<std::uint32_t> count(prompts.size(), 0), list(rows.cardinality());
        rows.toUint32Array(list.data());
        std::size_t p = 0;
        for (const std::uint32_t row : list) {
            while (p < count.size() && row >= prompts.first_token[p] + prompts.token_count[p]) ++p;
            if (p < count.size() && row >= prompts.first_token[p]) ++count[p];
        }
        for (p = 0; most && p < count.size(); ++p) count[p] = prompts.token_count[p] - count[p];
        return count;
    }

    // Labels are the classes; rows are pieces of prompts, one per prompt and class.
    Grouping class_grouping() const {
        Grouping grouping{.by = "class", .labels = {}, .of_row = {}};
        for (std::size_t c = 0; c < kTokenClasses; ++c) {
            grouping.labels.emplace_back(to_string(static_cast<TokenClass>(c)));
        }
        const std::size_t pieces = trace_.header().prompts.size() * kTokenClasses;
        for (std::size_t i = 0; i < pieces; ++i) {
            grouping.of_row.push_back(static_cast<std::int32_t>(i % kTokenClasses));
        }
        return grouping;
    }

    // The pieces of a prompt hang together, as in ClassSplitTrace.
    PromptTable pieces() const {
        const PromptTable& prompts = trace_.header().prompts;
        PromptTable table;
        for (std::size_t i = 0; i < prompts.size() * kTokenClasses; ++i) {
            const std::size_t p = i / kTokenClasses;
            const bool grouped = !prompts.group.empty() && !prompts.group[p].empty();
            table.id.push_back(prompts.id[p]);
            table.group.push_back(grouped ? prompts.group[p] : "prompt " + std::to_string(p));
        }
        return table;
    }

    // [prompts], or [pieces] by class.
    std::vector<std::uint32_t> by_row(const RowSet& rows) {
        if (!by_class_) return by_prompt(rows);
        std::vector<std::uint32_t> count(trace_.header().prompts.size() * kTokenClasses, 0);
        for (std::size_t c = 0; c < kTokenClasses; ++c) {
            const std::vector<std::uint32_t> of_class =
                by_prompt(rows & index_.of_class(c, progress_));
            for (std::size_t p = 0; p < of_class.size(); ++p)
                count[p * kTokenClasses + c] = of_class[p];
        }
        return count;
    }

    struct Sets {
        const RowSet *event, *counted, *hits;
        const RowSet* among;  // nullptr: as counted
    };

    void count_groups(const Sets& sets, const Grouping& grouping, RouteSearch& result) {
        HitCounts counts;
        counts.base_hits = by_row(*sets.event);
        counts.base_tokens = by_row(*sets.counted);
        counts.hits = sets.among == nullptr ? counts.base_hits : by_row(*sets.hits);
        counts.tokens = sets.among == nullptr ? counts.base_tokens : by_row(*sets.among);
        // Every counted prompt: those that only the base rate knows are units of it, too.
        std::vector<std::uint8_t> keep;
        for (const std::uint32_t n : counts.base_tokens) keep.push_back(n > 0);
        const PromptUnits units =
            units_of(by_class_ ? pieces() : trace_.header().prompts, grouping, keep);
        result.no_interval = units.no_interval;
        const std::vector<GroupLift> lifts = group_lifts(counts, units);
        for (std::size_t g = 0; g < lifts.size(); ++g) {
            result.hits += lifts[g].hits;
            result.tokens += lifts[g].tokens;
            if (lifts[g].tokens > 0) result.groups.push_back({grouping.labels[g], lifts[g]});
        }
        std::stable_sort(result.groups.begin(), result.groups.end(),
                         [](auto& a, auto& b) { return a.count.lift.value > b.count.lift.value; });
    }

    void read_lines(const RowSet& hits, const Grouping& grouping, RouteSearch& result) const {
        const std::uint64_t found = hits.cardinality();
        const std::uint64_t lines = std::min<std::uint64_t>(options_.lines, found);
        for (std::uint64_t i = 0; i < lines; ++i) {
            std::uint32_t row = 0;
            hits.select(static_cast<std::uint32_t>(i * found / lines), &row);
            result.lines.push_back(line_at(row, grouping));
        }
    }

    SearchLine line_at(TokenPos row, const Grouping& grouping) const {
        const PromptTable& prompts = trace_.header().prompts;
        const TokenTable token = trace_.tokens({row, row + 1});
        const std::uint32_t p = token.prompt[0];
        SearchLine line;
        line.row = row;
        line.prompt = prompts.id[p];
        if (by_class_) {
            const TokenClass kind = classes_of_rows(trace_, {row, row + 1}).front();
            line.label = std::string(to_string(kind));
        } else if (grouping.of_row[p] >= 0) {
            line.label = grouping.labels[static_cast<std::size_t>(grouping.of_row[p])];
        }
        line.position = token.position[0];
        line.token_id = token.id[0];
        if (stands_in_text(token, 0)) {
            line.text = text_context(whole_text(prompts, p), token.byte_begin[0], token.byte_end[0],
                                     options_.width);
        }
        return line;
    }

    const RoutingTrace& trace_;
    const Slice& slice_;
    const SearchOptions& options_;
    Progress& progress_;
    const bool by_class_;
    RouteIndex index_;
};

}  // namespace

RouteSearch search_routes(const RoutingTrace& trace, const std::string& query,
                          const SearchOptions& options, Progress& progress) {
    if (trace.header().kind != TraceKind::tokens) {
        throw UserError("the trace holds counts per group: nothing says which token went where",
                        "capture the prompts again to search their routes");
    }
    const Slice slice = parse_slice(query, "the query");
    // Names what is wrong with any part before anything is read.
    const RowFilter check(trace, slice);
    return Search(trace, slice, options, progress).run();
}

}  // namespace alluvium

#pragma once
// Which tokens took a route: how often in every group, and where in their texts.
//
// The query is a slice (analysis/slices/slice.h). Its conditions joined by "and" that name a route
// or a margin are what is looked for; the others (language=fr, class=word, ...) say among which
// tokens. Lift sets the rate among these, group by group, against the rate among all tokens that
// an analysis counts: prompt tokens of prompts that are done, without those of the template unless
// the query names `special` (or `phase`).
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/search/lift.h"
#include "analysis/search/text_context.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct SearchOptions {
    std::string by = "language";
    std::size_t lines = 20;              // of context; spread evenly over the hits
    std::size_t width = 32;              // characters on each side
    std::filesystem::path index_folder;  // where indexes are kept; empty: nowhere
};

struct SearchGroup {
    std::string label;
    GroupLift count;
};

// A hit where it stands.
struct SearchLine {
    TokenPos row = 0;
    std::string prompt, label;  // its id, its group
    std::uint32_t position = 0, token_id = 0;
    TextContext text;  // empty for prompts given as ids and for generated tokens
};

struct RouteSearch {
    std::string query, by, trace_path;
    std::uint64_t hits = 0, tokens = 0;            // among the tokens that the query is about
    std::uint64_t base_hits = 0, base_tokens = 0;  // among all tokens
    double base_rate = kMissing;
    std::vector<SearchGroup> groups;  // with a token that the query is about; most lift first
    std::vector<SearchLine> lines;    // in file order
    std::string no_interval;          // why lifts have no interval; empty: they have
    std::string index_note;           // why the index is not kept; empty: it is, or was not to be
};

// UserError where the query is not understood, names no route or margin, or the trace holds counts
// only; Cancelled.
RouteSearch search_routes(const RoutingTrace& trace, const std::string& query,
                          const SearchOptions& options, Progress& progress);

}  // namespace alluvium

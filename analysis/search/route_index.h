#pragma once
// Which rows of a trace chose which expert, as compressed bitmaps kept between searches. Private to
// analysis/search.
//
// A layer is indexed when a search first names it, in one pass over its choices, and what the
// tokens are (class, special, generated) in one pass over the token columns. Each becomes a file in
// the trace's own folder below `folder`, valid as long as the trace's size and time of change are
// those in its key; a changed trace is indexed anew in its place. About 2 bytes per choice.
#include <filesystem>
#include <map>
#include <string>

#include "analysis/search/row_sets.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

class RouteIndex {
  public:
    // `folder` empty, or a trace in memory: nothing is kept. `trace` must outlive it. UserError for
    // more than kMostRows rows.
    RouteIndex(const RoutingTrace& trace, const std::filesystem::path& folder);

    // Rows that chose the expert. The first call for a layer may read it: Cancelled, RunError.
    RowSet choosing(std::size_t routed, ExpertId expert, Progress& progress);

    // Rows by TokenClass; those added by the template or tokenizer; those generated.
    RowSet of_class(std::size_t token_class, Progress& progress);
    RowSet special(Progress& progress);
    RowSet generated(Progress& progress);
    // Rows that hold a token of a prompt that is done.
    RowSet usable(Progress& progress);

    // Why nothing is kept between searches; empty: it is.
    const std::string& not_kept() const { return not_kept_; }

  private:
    // Sets that belong together: in memory, or in a file.
    struct Part {
        std::vector<RowSet> sets;
        std::optional<RowSetFile> file;
    };
    RowSet rows(const Part& part, std::size_t set) const;
    template <typename Build>
    const Part& part(const std::string& name, std::size_t count, const Build& build);
    const Part& token_part(Progress& progress);

    const RoutingTrace& trace_;
    std::filesystem::path folder_;  // of this trace; empty: nothing is kept
    std::string key_, not_kept_;
    std::map<std::string, Part> parts_;
};

}  // namespace alluvium

#include "analysis/search/route_index.h"

#include <array>
#include <cstdio>

#include <sys/stat.h>

#include "analysis/token_class.h"
#include "analysis/token_selection.h"
#include "base/error.h"
#include "base/text_hash.h"

namespace alluvium {
namespace {

// After the classes.
constexpr std::size_t kSpecialSet = kTokenClasses, kGeneratedSet = kTokenClasses + 1,
                      kUsableSet = kTokenClasses + 2, kTokenSets = kTokenClasses + 3;

// What changes whenever the trace does.
std::string trace_key(const RoutingTrace& trace, const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return path + "\n" + std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) +
           "." + std::to_string(info.st_mtim.tv_nsec) + " " +
           std::to_string(trace.header().token_count) + " " + trace.header().model.checkpoint_id;
}

// Collects rows set by set, block by block: adding many at once is what Roaring does well.
class SetBuilder {
  public:
    explicit SetBuilder(std::size_t sets) : sets_(sets), pending_(sets) {}

    void add(std::size_t set, TokenPos row) {
        pending_[set].push_back(static_cast<std::uint32_t>(row));
    }
    void end_block() {
        for (std::size_t s = 0; s < sets_.size(); ++s) {
            sets_[s].addMany(pending_[s].size(), pending_[s].data());
            pending_[s].clear();
        }
    }
    std::vector<RowSet> take() {
        for (RowSet& set : sets_) {
            set.runOptimize();
            set.shrinkToFit();
        }
        return std::move(sets_);
    }

  private:
    std::vector<RowSet> sets_;
    std::vector<std::vector<std::uint32_t>> pending_;
};

template <typename Visit>
void for_blocks(const RoutingTrace& trace, Progress& progress, const Visit& visit) {
    const TokenPos rows = trace.header().token_count;
    for (TokenPos first = 0; first < rows; first += kBlockRows) {
        progress.check();
        visit(TokenRange{first, std::min(rows, first + kBlockRows)});
        progress.advance(std::min(rows, first + kBlockRows) - first);
    }
}

std::vector<RowSet> index_layer(const RoutingTrace& trace, std::size_t routed, Progress& progress) {
    SetBuilder builder(trace.layers()[routed].experts);
    for_blocks(trace, progress, [&](TokenRange range) {
        const Grid<ExpertId> experts = trace.experts(routed, range);
        for (std::size_t i = 0; i < experts.rows(); ++i) {
            for (const ExpertId e : experts.row(i)) {
                if (e != kMissingExpert) builder.add(e, range.begin + i);
            }
        }
        builder.end_block();
    });
    return builder.take();
}

std::vector<RowSet> index_tokens(const RoutingTrace& trace, Progress& progress) {
    const PromptTable& prompts = trace.header().prompts;
    SetBuilder builder(kTokenSets);
    for_blocks(trace, progress, [&](TokenRange range) {
        const TokenTable tokens = trace.tokens(range);
        const std::vector<TokenClass> classes = classes_of_rows(trace, range);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const TokenPos row = range.begin + i;
            const std::uint8_t phase = tokens.phase.empty() ? kPhasePrompt : tokens.phase[i];
            if (phase == kPhaseUnused) continue;
            const bool special = !tokens.special.empty() && tokens.special[i] != 0;
            const std::uint32_t p = tokens.prompt[i];
            const bool done = p < prompts.size() && (prompts.done.empty() || prompts.done[p] != 0);
            builder.add(static_cast<std::size_t>(classes[i]), row);
            if (special) builder.add(kSpecialSet, row);
            if (phase != kPhasePrompt) builder.add(kGeneratedSet, row);
            if (done) builder.add(kUsableSet, row);
        }
        builder.end_block();
    });
    return builder.take();
}

}  // namespace

RouteIndex::RouteIndex(const RoutingTrace& trace, const std::filesystem::path& folder)
    : trace_(trace) {
    if (trace.header().token_count >= kMostRows) {
        throw UserError("the trace has more than 4,294,967,295 tokens: too many to search",
                        "search its parts");
    }
    if (folder.empty() || trace.header().path.empty()) {
        not_kept_ = "not asked for";
        return;
    }
    const std::string path = std::filesystem::absolute(trace.header().path).string();
    key_ = trace_key(trace, path);
    folder_ = folder / text_hash(path);
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) {
        not_kept_ = "cannot make the folder '" + folder_.string() + "': " + error.message();
        folder_.clear();
    }
}

RowSet RouteIndex::rows(const Part& part, std::size_t set) const {
    return part.file ? part.file->rows(set) : part.sets[set];
}

template <typename Build>
const RouteIndex::Part& RouteIndex::part(const std::string& name, std::size_t count,
                                         const Build& build) {
    const auto known = parts_.find(name);
    if (known != parts_.end()) return known->second;
    Part& part = parts_[name];
    if (!folder_.empty()) part.file = RowSetFile::open(folder_ / name, key_, count);
    if (part.file) return part;
    part.sets = build();
    if (folder_.empty()) return part;
    try {
        write_row_sets(folder_ / name, key_, part.sets);
    } catch (const std::runtime_error& e) {
        not_kept_ = e.what();  // a full disk is no reason not to answer
    }
    return part;
}

const RouteIndex::Part& RouteIndex::token_part(Progress& progress) {
    return part("tokens.rows", kTokenSets, [&] { return index_tokens(trace_, progress); });
}

RowSet RouteIndex::choosing(std::size_t routed, ExpertId expert, Progress& progress) {
    const RoutedLayerInfo& info = trace_.layers()[routed];
    const std::string name = "layer-" + std::to_string(info.layer) + ".rows";
    return rows(part(name, info.experts, [&] { return index_layer(trace_, routed, progress); }),
                expert);
}

RowSet RouteIndex::of_class(std::size_t token_class, Progress& progress) {
    return rows(token_part(progress), token_class);
}

RowSet RouteIndex::special(Progress& progress) {
    return rows(token_part(progress), kSpecialSet);
}

RowSet RouteIndex::generated(Progress& progress) {
    return rows(token_part(progress), kGeneratedSet);
}

RowSet RouteIndex::usable(Progress& progress) {
    return rows(token_part(progress), kUsableSet);
}

}  // namespace alluvium

#include "analysis/search/find_rows.h"

#include <array>

#include "analysis/slices/row_filter.h"
#include "analysis/slices/slice_values.h"
#include "analysis/token_class.h"
#include "analysis/token_selection.h"

namespace alluvium {
namespace {

// Rows that are asked for together, even with rows between them that are not.
constexpr TokenPos kNear = 512;

// Those of `rows` that the filter matches, by looking at them stretch by stretch.
RowSet look_at(const RoutingTrace& trace, const RowFilter& filter, const RowSet& rows,
               const Progress& progress) {
    RowSet kept;
    std::vector<std::uint32_t> stretch, found;
    const auto flush = [&] {
        if (stretch.empty()) return;
        progress.check();
        const TokenRange range{stretch.front(), TokenPos{stretch.back()} + 1};
        const SliceMask mask = filter.matches({trace, range});
        found.clear();
        for (const std::uint32_t row : stretch) {
            if (mask[row - range.begin] != 0) found.push_back(row);
        }
        kept.addMany(found.size(), found.data());
        stretch.clear();
    };
    for (const std::uint32_t row : rows) {
        const bool far = !stretch.empty() &&
                         (row - stretch.back() > kNear || row - stretch.front() >= kBlockRows);
        if (far) flush();
        stretch.push_back(row);
    }
    flush();
    return kept;
}

class SetFinder {
  public:
    SetFinder(const RoutingTrace& trace, const Slice& slice, RouteIndex& index, Progress& progress)
        : trace_(trace), slice_(slice), index_(index), progress_(progress) {}

    // Those of `within` that belong to the node.
    RowSet find(const SliceNode& node, RowSet within) {
        switch (node.kind) {
            case SliceNode::Kind::all_of:
                // What the index knows first: the fewer rows are left to be looked at.
                for (const bool indexed : {true, false}) {
                    for (const SliceNode& child : node.children) {
                        if (is_indexed(child) != indexed) continue;
                        within = find(child, std::move(within));
                    }
                }
                return within;
            case SliceNode::Kind::any_of: {
                RowSet rows;
                for (const SliceNode& child : node.children) rows |= find(child, within);
                return rows;
            }
            case SliceNode::Kind::negation:
                return within - find(node.children.front(), within);
            case SliceNode::Kind::route:
                within &= route(node);
                return within;
            case SliceNode::Kind::compare:
                break;
        }
        return comparison(node, std::move(within));
    }

  private:
    RowSet all() const {
        RowSet rows;
        rows.addRange(0, trace_.header().token_count);
        return rows;
    }

    bool is_indexed(const SliceNode& node) const {
        bool indexed = true;
        for_each_node(node, [&](const SliceNode& n) {
            if (n.kind != SliceNode::Kind::compare) return;
            const SliceColumn column = column_of(trace_.header(), slice_, n);
            indexed = indexed && column != SliceColumn::position && column != SliceColumn::token &&
                      column != SliceColumn::margin;
        });
        return indexed;
    }

    RowSet route(const SliceNode& node) {
        RowSet rows;
        for (std::size_t s = 0; s < node.steps.size(); ++s) {
            const std::size_t layer = routed_layer(trace_, slice_, node.steps[s]);
            RowSet step;
            for (const ExpertId e : node.steps[s].experts) {
                step |= index_.choosing(layer, e, progress_);
            }
            if (s == 0) {
                rows = std::move(step);
            } else {
                rows &= step;
            }
        }
        return rows;
    }

    RowSet comparison(const SliceNode& node, RowSet within) {
        switch (column_of(trace_.header(), slice_, node)) {
            case SliceColumn::prompt:
                within &= of_prompts(matching_prompts(trace_.header(), slice_, node));
                return within;
            case SliceColumn::token_class:
                within &= of_classes(matching_classes(slice_, node));
                return within;
            case SliceColumn::special:
                within &= flagged(kSpecialWords, node, index_.special(progress_));
                return within;
            case SliceColumn::phase:
                within &= flagged(kPhaseWords, node, index_.generated(progress_));
                return within;
            case SliceColumn::position:
            case SliceColumn::token:
            case SliceColumn::margin:
                break;
        }
        return look_at(trace_, RowFilter(trace_, slice_, node), within, progress_);
    }

    RowSet of_classes(const SliceMask& wanted) {
        RowSet rows;
        for (std::size_t c = 0; c < wanted.size(); ++c) {
            if (wanted[c] != 0) rows |= index_.of_class(c, progress_);
        }
        return rows;
    }

    RowSet of_prompts(const SliceMask& wanted) const {
        const PromptTable& prompts = trace_.header().prompts;
        RowSet rows;
        for (std::size_t p = 0; p < wanted.size();) {
            if (wanted[p] == 0) {
                ++p;
                continue;
            }
            const TokenPos first = prompts.first_token[p];
            TokenPos end = first;
            // Neighbours that follow each other are one range.
            for (; p < wanted.size() && wanted[p] != 0 && prompts.first_token[p] == end; ++p) {
                end += prompts.token_count[p];
            }
            rows.addRange(first, end);
        }
        return rows;
    }

    RowSet flagged(const std::vector<std::string>& words, const SliceNode& node,
                   RowSet flag) const {
        const std::array<bool, 2> wanted = wanted_flags(slice_, node, words);
        if (wanted[0] && wanted[1]) return all();
        if (!wanted[0] && !wanted[1]) return {};
        if (wanted[0]) flag.flip(0, trace_.header().token_count);
        return flag;
    }

    const RoutingTrace& trace_;
    const Slice& slice_;
    RouteIndex& index_;
    Progress& progress_;
};

}  // namespace

RowSet find_rows(const RoutingTrace& trace, const Slice& slice, const RowQuestion& question,
                 RouteIndex& index, Progress& progress) {
    return SetFinder(trace, slice, index, progress).find(question.node, question.within);
}

}  // namespace alluvium

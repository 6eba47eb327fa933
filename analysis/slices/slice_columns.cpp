#include <algorithm>
#include <set>

#include "analysis/grouping.h"
#include "analysis/slices/row_filter.h"
#include "analysis/slices/slice_values.h"
#include "analysis/token_class.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

const std::string kTokenColumns = ", position, token, class, phase, special, margin, L22.margin";

// One spelling for every label of a language.
std::string canonical(const std::string& column, const std::string& label) {
    if (column != "language") return label;
    const Language* language = LanguageTable::instance().find(label);
    return language == nullptr ? label : language->code;
}

SliceMask matching_text(const SliceNode& comparison, const std::vector<std::string>& cells) {
    std::set<std::string> wanted;
    for (const SliceValue& value : comparison.values) {
        wanted.insert(canonical(comparison.column, value.text));
    }
    const bool equal = comparison.op == SliceOperator::equal;
    SliceMask mask;
    for (const std::string& cell : cells) {
        mask.push_back(wanted.contains(canonical(comparison.column, cell)) == equal);
    }
    return mask;
}

SliceMask matching_node(const TraceHeader& header, const Slice& slice, const SliceNode& node) {
    if (node.kind == SliceNode::Kind::compare &&
        column_of(header, slice, node) == SliceColumn::prompt) {
        return matching_prompts(header, slice, node);
    }
    if (node.kind == SliceNode::Kind::compare || node.kind == SliceNode::Kind::route) {
        refuse_slice(slice, node.place, "the trace holds counts per group, no tokens",
                     "use one of " + prompt_column_names(header));
    }
    SliceMask mask = matching_node(header, slice, node.children.front());
    for (std::size_t c = 1; c < node.children.size(); ++c) {
        const SliceMask other = matching_node(header, slice, node.children[c]);
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (node.kind == SliceNode::Kind::all_of) {
                mask[i] &= other[i];
            } else {
                mask[i] |= other[i];
            }
        }
    }
    if (node.kind == SliceNode::Kind::negation) {
        for (std::uint8_t& one : mask) one = one == 0;
    }
    return mask;
}

}  // namespace

SliceColumn column_of(const TraceHeader& header, const Slice& slice, const SliceNode& comparison) {
    const std::string& name = comparison.column;
    if (header.kind == TraceKind::tokens) {
        if (name == "position") return SliceColumn::position;
        if (name == "token") return SliceColumn::token;
        if (name == "class") return SliceColumn::token_class;
        if (name == "phase") return SliceColumn::phase;
        if (name == "special") return SliceColumn::special;
        if (name == "margin" || (name.starts_with("L") && name.ends_with(".margin"))) {
            return SliceColumn::margin;
        }
    }
    if (!prompt_column(header, name)) {
        const SlicePlace column{comparison.place.begin, comparison.place.begin + name.size()};
        const bool tokens = header.kind == TraceKind::tokens;
        refuse_slice(slice, column, "the trace has no column '" + name + "'",
                     "use one of " + prompt_column_names(header) + (tokens ? kTokenColumns : ""));
    }
    return SliceColumn::prompt;
}

SliceMask matching_prompts(const TraceHeader& header, const Slice& slice,
                           const SliceNode& comparison) {
    const std::vector<std::string> cells = *prompt_column(header, comparison.column);
    if (comparison.op == SliceOperator::equal || comparison.op == SliceOperator::unequal) {
        return matching_text(comparison, cells);
    }
    const auto test = number_test(slice, comparison);
    SliceMask mask;
    for (const std::string& cell : cells) mask.push_back(test(number_in(cell)));
    return mask;
}

SliceMask matching_prompts(const TraceHeader& header, const Slice& slice) {
    return matching_node(header, slice, slice.root);
}

SliceMask matching_classes(const Slice& slice, const SliceNode& comparison) {
    // Every class, then both kinds of word tokens together.
    std::vector<std::string> names;
    for (std::size_t c = 0; c < kTokenClasses; ++c) {
        names.emplace_back(to_string(static_cast<TokenClass>(c)));
    }
    names.emplace_back("word");
    SliceMask mask(kTokenClasses, 0);
    for (const std::size_t name : chosen_words(slice, comparison, names)) {
        if (name < kTokenClasses) {
            mask[name] = 1;
        } else {
            mask[static_cast<std::size_t>(TokenClass::word_start)] = 1;
            mask[static_cast<std::size_t>(TokenClass::continuation)] = 1;
        }
    }
    if (comparison.op == SliceOperator::unequal) {
        for (std::uint8_t& one : mask) one = one == 0;
    }
    return mask;
}

std::size_t routed_layer(const RoutingTrace& trace, const Slice& slice, const RouteStep& step) {
    const auto layers = trace.layers();
    const auto at = std::find_if(layers.begin(), layers.end(),
                                 [&](const auto& layer) { return layer.layer == step.layer; });
    const std::string name = "layer " + std::to_string(step.layer);
    if (at == layers.end()) {
        refuse_slice(slice, step.place, name + " has no router in this trace",
                     layers.empty()
                         ? "no layer has"
                         : "the first that has is " + std::to_string(layers.front().layer) +
                               ", the last " + std::to_string(layers.back().layer));
    }
    if (!at->has_experts) {
        refuse_slice(slice, step.place, "the trace does not hold what was chosen at " + name,
                     "capture again with --record experts");
    }
    for (const ExpertId e : step.experts) {
        if (e < at->experts) continue;
        refuse_slice(slice, step.place, name + " has no expert " + std::to_string(e),
                     "its experts are 0 to " + std::to_string(at->experts - 1));
    }
    return static_cast<std::size_t>(at - layers.begin());
}

}  // namespace alluvium

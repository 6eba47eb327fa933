#include "app/views/steps.h"

#include <algorithm>

namespace alluvium {
namespace {

// Position in `count` entries after moving, staying inside.
int moved(int from, int by, std::size_t count) {
    return std::clamp(from + by, 0, static_cast<int>(count) - 1);
}

// Index of the selected layer among the routed ones; -1: none.
int layer_index(const Analysis& analysis, int layer) {
    for (std::size_t i = 0; i < analysis.layers.size(); ++i) {
        if (analysis.layers[i].layer == layer) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace

void move_expert(Ui& ui, int by) {
    const AnalysisPtr analysis = ui.session.analysis(ui.session.view().a).result;
    Selection selection = ui.session.view().selection;
    const int index = analysis ? layer_index(*analysis, selection.layer) : -1;
    if (index < 0) return;
    const auto& layer = analysis->layers[static_cast<std::size_t>(index)];
    selection.expert = moved(selection.expert, by, layer.experts);
    selection.to_expert = -1;
    ui.session.select(selection);
}

void move_layer(Ui& ui, int by) {
    const AnalysisPtr analysis = ui.session.analysis(ui.session.view().a).result;
    Selection selection = ui.session.view().selection;
    const int index = analysis ? layer_index(*analysis, selection.layer) : -1;
    if (index < 0) return;
    const auto next = static_cast<std::size_t>(moved(index, by, analysis->layers.size()));
    selection.layer = analysis->layers[next].layer;
    selection.to_expert = -1;
    ui.session.select(selection);
}

void move_group(Ui& ui, int by) {
    const AnalysisPtr analysis = ui.session.analysis(ui.session.view().a).result;
    if (!analysis || analysis->groups.empty()) return;
    Selection selection = ui.session.view().selection;
    const auto found =
        std::find_if(analysis->groups.begin(), analysis->groups.end(),
                     [&](const GroupSample& g) { return g.label == selection.group; });
    const auto count = static_cast<int>(analysis->groups.size());
    const auto index = static_cast<int>(found - analysis->groups.begin());
    const int next = found == analysis->groups.end() ? 0 : (index + by + count) % count;
    selection.group = analysis->groups[static_cast<std::size_t>(next)].label;
    ui.session.select(selection);
}

void move_token(Ui& ui, int by) {
    const TraceDocument* document = ui.session.documents().trace(ui.session.view().a);
    if (document == nullptr || document->trace->header().token_count == 0) return;
    const TraceHeader& header = document->trace->header();
    const std::vector<TokenPos>& first = header.prompts.first_token;
    const std::size_t shown = std::min(ui.session.view().prompt, first.size() - 1);
    const auto last = static_cast<std::int64_t>(header.token_count) - 1;
    const TokenPos next = ui.state.token
                              ? static_cast<TokenPos>(std::clamp<std::int64_t>(
                                    static_cast<std::int64_t>(*ui.state.token) + by, 0, last))
                              : first[shown];
    ui.state.token = next;
    const auto prompt = static_cast<std::size_t>(
        std::upper_bound(first.begin(), first.end(), next) - first.begin() - 1);
    if (prompt == shown) return;
    ui.session.change_view(
        "show another prompt", [prompt](ViewState& view) { view.prompt = prompt; }, "prompt");
}

}  // namespace alluvium

#include "app/session/view_state.h"

#include <array>
#include <utility>

#include "analysis/figures/expert_order.h"
#include "analysis/options.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::array<std::pair<Layout, const char*>, 4> kLayouts{{{Layout::explore, "explore"},
                                                                  {Layout::compare, "compare"},
                                                                  {Layout::circuit, "circuit"},
                                                                  {Layout::train, "train"}}};
constexpr std::array<std::pair<Measure, const char*>, 2> kMeasures{
    {{Measure::relative, "relative"}, {Measure::share, "share"}}};

template <typename Enum, std::size_t N>
const char* word(const std::array<std::pair<Enum, const char*>, N>& table, Enum value) {
    for (const auto& [entry, name] : table) {
        if (entry == value) return name;
    }
    return "";
}

template <typename Enum, std::size_t N>
Enum from_word(const std::array<std::pair<Enum, const char*>, N>& table, const std::string& name,
               const char* field) {
    std::string known;
    for (const auto& [entry, entry_name] : table) {
        if (name == entry_name) return entry;
        known += (known.empty() ? "" : ", ") + std::string(entry_name);
    }
    throw UserError("view." + std::string(field) + " is '" + name + "'; expected " + known);
}

Json selection_json(const Selection& selection) {
    return {{"layer", selection.layer},
            {"expert", selection.expert},
            {"to_expert", selection.to_expert},
            {"group", selection.group}};
}

Selection selection_from_json(const Json& json) {
    return {json.value("layer", -1), json.value("expert", -1), json.value("to_expert", -1),
            json.value("group", std::string())};
}

Json cameras_json(const std::map<std::string, Camera>& cameras) {
    Json all = Json::object();
    for (const auto& [panel, camera] : cameras) {
        all[panel] = {{"zoom", camera.zoom}, {"x", camera.x}, {"y", camera.y}};
    }
    return all;
}

std::map<std::string, Camera> cameras_from_json(const Json& json) {
    std::map<std::string, Camera> cameras;
    for (const auto& [panel, camera] : json.items()) {
        cameras[panel] = {camera.value("zoom", 1.0), camera.value("x", 0.5),
                          camera.value("y", 0.5)};
    }
    return cameras;
}

ViewState parse(const Json& json) {
    const ViewState fresh;
    ViewState view;
    view.a = json.value("a", fresh.a);
    view.b = json.value("b", fresh.b);
    view.by = json.value("by", fresh.by);
    view.where = json.value("where", fresh.where);
    view.search = json.value("search", fresh.search);
    view.groups = json.value("groups", fresh.groups);
    view.measure =
        from_word(kMeasures, json.value("measure", word(kMeasures, fresh.measure)), "measure");
    view.order = json.value("order", fresh.order);
    parse_expert_sort(view.order);  // throws where it is none
    view.keep = json.value("keep", fresh.keep);
    parse_keep_rule(view.keep);  // throws where it is none
    view.selection = selection_from_json(json.value("selection", Json::object()));
    view.prompt = json.value("prompt", fresh.prompt);
    view.layout = from_word(kLayouts, json.value("layout", word(kLayouts, fresh.layout)), "layout");
    view.cameras = cameras_from_json(json.value("cameras", Json::object()));
    return view;
}

}  // namespace

Camera ViewState::camera(const std::string& panel) const {
    const auto found = cameras.find(panel);
    return found == cameras.end() ? Camera{} : found->second;
}

Layout parse_layout(const std::string& word) {
    return from_word(kLayouts, word, "layout");
}

Json view_state_json(const ViewState& view) {
    return {{"a", view.a},
            {"b", view.b},
            {"by", view.by},
            {"where", view.where},
            {"search", view.search},
            {"groups", view.groups},
            {"measure", word(kMeasures, view.measure)},
            {"order", view.order},
            {"keep", view.keep},
            {"selection", selection_json(view.selection)},
            {"prompt", view.prompt},
            {"layout", word(kLayouts, view.layout)},
            {"cameras", cameras_json(view.cameras)}};
}

ViewState view_state_from_json(const Json& json, const std::string& source) {
    try {
        return parse(json);
    } catch (const Json::exception& error) {
        throw UserError(source + ": the view cannot be read: " + error.what());
    } catch (const UserError& error) {
        throw UserError(source + ": " + error.what());
    }
}

}  // namespace alluvium

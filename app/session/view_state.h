#pragma once
// Everything about the view that undo takes back and a session file brings back. A plain value.
#include <map>
#include <string>
#include <vector>

#include "app/session/selection.h"
#include "base/json.h"

namespace alluvium {

enum class Layout { explore, compare, circuit, train };

// What the colours of an expert map mean.
enum class Measure {
    relative,  // log2(share / chance)
    share,     // 0..1
};

// How a picture lies in its panel: `zoom` 1 fits it; x and y are the figure's point (as fractions
// of its size) in the panel's centre.
struct Camera {
    double zoom = 1;
    double x = 0.5;
    double y = 0.5;

    bool operator==(const Camera&) const = default;
};

struct ViewState {
    std::string a, b;  // ids of the traces shown; b empty: no comparison
    std::string by = "language";
    std::string where;                // the slice that everything is computed on; empty: all
    std::string search;               // the route that is looked for; empty: none
    std::vector<std::string> groups;  // those shown; empty: all
    Measure measure = Measure::relative;
    std::string order = "owner";    // of a heat map's columns; see ExpertSort
    std::string keep = "mass:0.5";  // the circuit's rule
    Selection selection;
    std::size_t prompt = 0;  // row of A's prompt table whose tokens are shown
    Layout layout = Layout::explore;
    std::map<std::string, Camera> cameras;  // by panel; absent: fitted

    Camera camera(const std::string& panel) const;
    bool operator==(const ViewState&) const = default;
};

// "explore", "compare", "circuit", "train". UserError for any other word.
Layout parse_layout(const std::string& word);

Json view_state_json(const ViewState& view);
// What the JSON does not say keeps its default. UserError where a field has the wrong type or an
// unknown word; `source` names the file.
ViewState view_state_from_json(const Json& json, const std::string& source);

}  // namespace alluvium

#pragma once
#include <memory>
#include <vector>

#include "app/views/ui.h"

namespace alluvium {

// One dockable window. To add one: a file with its class and a line in view_registry.cpp.
class View {
  public:
    explicit View(const char* title) : title_(title) {}
    virtual ~View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    const char* title() const { return title_; }
    // Inside the window. Draws and asks the session; never computes over tokens.
    virtual void draw(Ui& ui) = 0;

  private:
    const char* title_;
};

std::vector<std::unique_ptr<View>> make_views();

// One maker per view, in the order of the View menu.
std::unique_ptr<View> make_project_view();
std::unique_ptr<View> make_prompts_view();
std::unique_ptr<View> make_verdict_view();
std::unique_ptr<View> make_heatmap_view();
std::unique_ptr<View> make_circuit_view();
std::unique_ptr<View> make_divergence_view();
std::unique_ptr<View> make_compare_view();
std::unique_ptr<View> make_tokens_view();
std::unique_ptr<View> make_selection_view();
std::unique_ptr<View> make_differences_view();
std::unique_ptr<View> make_search_view();
std::unique_ptr<View> make_intervene_view();
std::unique_ptr<View> make_pairs_view();
std::unique_ptr<View> make_train_view();
std::unique_ptr<View> make_evaluate_view();

// Of a dense model's trace.
inline constexpr const char* kNoRouters =
    "Every layer of this checkpoint is dense: there is no routing to show.";

// Titles by which layouts and actions name the views.
inline constexpr const char* kProject = "Project";
inline constexpr const char* kPrompts = "Prompts";
inline constexpr const char* kVerdict = "Verdict";
inline constexpr const char* kHeatmap = "Heat map";
inline constexpr const char* kCircuit = "Circuit";
inline constexpr const char* kDivergence = "Divergence";
inline constexpr const char* kCompare = "Compare";
inline constexpr const char* kTokens = "Tokens";
inline constexpr const char* kSelection = "Selection";
inline constexpr const char* kDifferences = "Largest differences";
inline constexpr const char* kSearch = "Search";
inline constexpr const char* kIntervene = "Intervene";
inline constexpr const char* kPairs = "Pairs";
inline constexpr const char* kTrain = "Train";
inline constexpr const char* kEvaluate = "Evaluate";

}  // namespace alluvium

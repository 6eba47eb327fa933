#include "app/views/view.h"

namespace alluvium {

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> views;
    views.push_back(make_project_view());
    views.push_back(make_prompts_view());
    views.push_back(make_verdict_view());
    views.push_back(make_heatmap_view());
    views.push_back(make_circuit_view());
    views.push_back(make_divergence_view());
    views.push_back(make_compare_view());
    views.push_back(make_tokens_view());
    views.push_back(make_selection_view());
    views.push_back(make_differences_view());
    views.push_back(make_search_view());
    views.push_back(make_intervene_view());
    views.push_back(make_pairs_view());
    views.push_back(make_train_view());
    views.push_back(make_evaluate_view());
    return views;
}

}  // namespace alluvium

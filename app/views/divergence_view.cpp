#include <imgui.h>

#include "app/views/exports.h"
#include "app/views/figure_panel.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

class DivergenceView : public View {
  public:
    DivergenceView() : View(kDivergence) {}

    void draw(Ui& ui) override {
        const std::string trace = ui.session.view().a;
        if (!trace.empty()) export_button(ui, FigureKind::divergence, trace);
        figure_panel(ui, {FigureKind::divergence, "divergence", "divergence", trace}, 0, 0);
    }
};

}  // namespace

std::unique_ptr<View> make_divergence_view() {
    return std::make_unique<DivergenceView>();
}

}  // namespace alluvium

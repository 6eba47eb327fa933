#pragma once
#include "app/views/ui.h"

namespace alluvium {

// Which experts a circuit keeps: rule and threshold.
class KeepRuleControl {
  public:
    void draw(Ui& ui);

  private:
    void draw_amount(Ui& ui, KeepRule rule);

    // While the slider is held; every value of the rule is an analysis of its own.
    float dragged_ = -1;
};

}  // namespace alluvium

#pragma once
#include "analysis/choice_scores.h"
#include "app/views/ui.h"

namespace alluvium {

// What a router made of one token: a row per expert, those chosen first, then the next best.
void choice_table(Ui& ui, const LayerChoice& choice);

}  // namespace alluvium

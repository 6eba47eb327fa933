#pragma once
#include "app/session/interventions.h"
#include "app/views/ui.h"

namespace alluvium {

// What a change of the routing did to every language, beside its controls.
void intervention_effect(Ui& ui, const InterventionDocument& document);

}  // namespace alluvium

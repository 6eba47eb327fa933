#pragma once
#include <string>

#include "analysis/figures/figure.h"
#include "app/views/ui.h"

namespace alluvium {

// What stands at the top of a datum's tooltip: "layer 7, expert 3, French (fr)".
std::string datum_title(const Datum& datum);

// Everything a datum knows, beside the pointer.
void data_tooltip(Ui& ui, const Datum& datum);

}  // namespace alluvium

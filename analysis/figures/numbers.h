#pragma once
// Numbers as people read them on a figure, beside those of analysis/number_text.h. A missing number
// reads "missing", never 0.
#include <string>

#include "analysis/figures/figure.h"

namespace alluvium {

// Three significant digits at most and no trailing zeros: 0.0833, 12.5, 1,204.
std::string number_text(double value);

// A share 0..1 as whole percents; "<1%" and ">99%" where rounding would say none or all.
std::string percent_text(double share);

// What a pointer over the mark is told: "layer 7, expert 3, fr" and a line for every value.
std::string datum_text(const Datum& datum);

}  // namespace alluvium

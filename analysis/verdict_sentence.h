#pragma once
#include "analysis/analyze.h"

namespace alluvium {

// Fills headline and sentence of the verdict from everything else in `analysis`.
void write_verdict_sentence(Analysis& analysis);

// "languages" for by = language, "families", ...; "groups by COLUMN" for a further column.
std::string group_noun(const std::string& by);

}  // namespace alluvium

#pragma once
// How far groups lie apart for routers that learned nothing.
//
// `random_expert` of a trace holds the choices of routers whose rows were redrawn at the learned
// norms, on the run's own router inputs. Each gives a corrected divergence (analysis/jackknife.h);
// reported are their mean and the 95 % prediction interval of one more such router,
// mean -+ t(R - 1) sd sqrt(1 + 1/R). What routing has learned is learned minus random. Range and
// chance level as divergence.
#include "analysis/layer_analysis.h"
#include "analysis/sample.h"

namespace alluvium {

// All missing where the trace holds no redrawn router at this layer; the interval too with one.
RandomRouter random_router(const RoutingTrace& trace, std::size_t routed, const Sample& sample,
                           const Progress& progress);

}  // namespace alluvium

#pragma once
// Does the routing just before the reply go with the language read or with the language to be
// written?
//
// Four prompts a group: text in language 1 or 2, reply asked for in 1 or 2 (language_request.h).
// The score of the tokens at the end that all four prompts share is r . d, where r holds their
// shares of experts and d = p_1 - p_2 the difference between what texts of the two languages
// choose, texts of the same group left out. With s_(read, write):
//
//   read  = (s_11 + s_12 - s_21 - s_22) / 2         effect of the language read
//   write = (s_11 + s_21 - s_12 - s_22) / 2         effect of the language to be written
//   texts = (p_1 - p_2 of the group) . d            how far whole texts lie apart
//
// Effects are given as mean(read) / mean(texts): 1 means that the end of the prompt is routed as
// differently as texts of the two languages are, 0 that the language makes no difference there.
// Intervals: 95 %, leaving out one group at a time. The same tokens, so no effect of token
// identity.
#include <string>
#include <vector>

#include "analysis/estimate.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct ReadOrWrittenLayer {
    LayerId layer = 0;
    Estimate texts{};          // as it is, not relative
    Estimate read{}, write{};  // relative to texts; missing where texts do not lie apart
    Estimate difference{};     // write - read
};

// What the late layers' routing goes with.
enum class Follows { read, written, both, inconclusive };

struct ReadOrWritten {
    std::string path;
    ModelInfo model;
    std::string first, second;  // languages
    std::size_t groups = 0;
    double tokens = 0;  // at the end of a prompt, mean over groups
    std::vector<ReadOrWrittenLayer> layers{};
    // The last third of the routed layers, from this one on, as one.
    LayerId late_from = 0;
    ReadOrWrittenLayer late{};
    Follows follows = Follows::inconclusive;
    std::string sentence{};
};

// Of a trace of request_prompts(). UserError where it is none.
ReadOrWritten read_or_written(const RoutingTrace& trace, const Progress& progress);

// Whether the trace was captured from request_prompts().
bool holds_language_requests(const RoutingTrace& trace);

}  // namespace alluvium

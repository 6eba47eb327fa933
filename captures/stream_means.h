#pragma once
// What a trace may hold beside its routing: the mean residual stream of every prompt after every
// layer, in all of a checkpoint's layers, dense ones too. A thousandth of the size of the streams
// themselves (`hidden`), and enough to see where languages lie apart (analysis/stream).
//
// The mean is over the prompt's text tokens (phase 0, not special) of h / rms(h): the stream as the
// next layer's norm hands it on. The few tokens whose stream is hundreds of times longer than all
// others (2402.17762) would otherwise be all that the mean of a short prompt shows.
#include <span>

#include "captures/routing_trace.h"

namespace alluvium {

class StreamMeans {
  public:
    virtual ~StreamMeans() = default;

    // Ascending; -1: what enters layer 0. Empty: the trace holds no means.
    virtual std::span<const LayerId> mean_layers() const = 0;
    // [prompts, hidden_size]; NaN where the prompt is not done or has no text token.
    virtual Grid<float> means(LayerId layer) const = 0;
};

// Nothing where the trace holds none.
inline const StreamMeans* stream_means(const RoutingTrace& trace) {
    const auto* means = dynamic_cast<const StreamMeans*>(&trace);
    return means != nullptr && !means->mean_layers().empty() ? means : nullptr;
}

}  // namespace alluvium

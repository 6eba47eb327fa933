#pragma once
// The residual stream of a trace as one vector per prompt: the mean of h / rms(h) over its selected
// tokens (captures/stream_means.h says why), from the recorded means or from the recorded streams.
#include <string>
#include <vector>

#include "analysis/token_selection.h"

namespace alluvium {

class PromptVectors {
  public:
    // `trace` and `selection` must outlive it. UserError where the trace holds neither, or holds
    // means only and `selection` takes some of a prompt's tokens and leaves others.
    PromptVectors(const RoutingTrace& trace, const TokenSelection& selection);

    const std::vector<LayerId>& layers() const { return layers_; }  // ascending; -1: the embedding
    bool from_means() const { return from_means_; }
    // [prompts, H]; NaN where nothing is known. `progress` advances by one.
    Grid<float> at(LayerId layer, Progress& progress) const;

  private:
    Grid<float> mean_of_tokens(LayerId layer, const Progress& progress) const;

    const RoutingTrace& trace_;
    const TokenSelection& selection_;
    std::vector<LayerId> layers_;
    bool from_means_ = false;
};

}  // namespace alluvium

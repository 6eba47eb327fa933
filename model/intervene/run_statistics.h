#pragma once
// What an unchanged run shows about its routers: how often experts are visited, what they add on
// average, how languages are routed on average. Interventions are matched and fed with it.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/grid.h"
#include "model/forward/model.h"
#include "model/forward/routing_observer.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Watches a run of several batches. Special tokens (BOS, template) are left out of everything.
class RunStatistics : public RoutingObserver {
  public:
    // G languages. `term_layers`: where the mean terms of experts are wanted, which costs the
    // experts' work once more.
    RunStatistics(std::shared_ptr<const Model> model, std::size_t languages,
                  std::vector<LayerId> term_layers);

    // The next batch; `language` [T] of each row, 0 .. G - 1, or -1: not counted.
    void begin(std::vector<std::int64_t> language);

    void on_routed(const RoutedBatch& batch) override;

    std::uint64_t tokens(std::size_t language) const { return tokens_[language]; }
    // [G, E] tokens of each language that chose each expert.
    const Grid<std::uint64_t>& visits(LayerId layer) const { return layers_.at(layer).visits; }
    // [E] over all languages
    std::vector<std::uint64_t> load(LayerId layer) const;
    // [E, H] f32: mean of w_e f_e(x) over the tokens that chose e; 0 where none did.
    at::Tensor mean_terms(LayerId layer) const;
    // [E] f32, of a language that has tokens.
    at::Tensor mean_logits(LayerId layer, std::size_t language) const;

  private:
    struct Layer {
        Grid<std::uint64_t> visits;
        at::Tensor logits;  // [G, E] f64, sums
        at::Tensor terms;   // [E, H] f64, sums; undefined where not wanted
    };

    void add_terms(const RoutedBatch& batch, Layer& layer) const;

    std::shared_ptr<const Model> model_;
    std::map<LayerId, Layer> layers_;
    std::vector<std::uint64_t> tokens_;  // [G]
    std::vector<std::int64_t> language_;
};

}  // namespace alluvium

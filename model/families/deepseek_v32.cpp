// DeepSeek-V3.2 and GLM-5: DeepSeek-V3, where every token attends to the index_topk tokens that an
// indexer chooses among those before it. Up to that many tokens it chooses all, and the model is
// DeepSeek-V3's; longer prompts are refused.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {

ModelSpec deepseek_v32_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    ModelSpec spec = deepseek_v3_spec(checkpoint);
    spec.longest_prompt = config.count_or("index_topk", 2048);
    for (LayerId layer = 0; layer < static_cast<LayerId>(spec.layers.size()); ++layer) {
        spec.layers[static_cast<std::size_t>(layer)].attention.rotary.adjacent_pairs = true;
        let_be(spec, checkpoint, layer_prefix(layer) + "self_attn.indexer.");
    }
    return spec;
}

}  // namespace alluvium

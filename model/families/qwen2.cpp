// Qwen2 and Qwen2.5: dense.
#include "model/families/builders.h"
#include "model/families/qwen2_lineage.h"

namespace alluvium {

ModelSpec qwen2_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    return qwen2_decoder(checkpoint, config, decoder_sizes(config), {});
}

}  // namespace alluvium

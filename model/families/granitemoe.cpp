// Granite 3.x MoE, with a shared expert (granitemoeshared) or without.
#include "model/families/builders.h"
#include "model/families/granite_lineage.h"

namespace alluvium {

ModelSpec granitemoe_spec(const Checkpoint& checkpoint) {
    return granite_decoder(checkpoint);
}

}  // namespace alluvium

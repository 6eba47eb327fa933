#pragma once
// What a model needs to run, against what there is.
#include <cstdint>
#include <string>

#include "model/families/model_spec.h"
#include "model/forward/compute.h"

namespace alluvium {

class Checkpoint;

// In bytes, of weights in the type of the computation.
struct MemoryNeed {
    std::uint64_t weights = 0;  // all of them
    // With what is there beside it while it is read. Of experts that are decoded one by one as
    // they are asked for, one.
    std::uint64_t largest_layer = 0;
    std::uint64_t decoded = 0;  // all such experts of a layer, decoded; 0: there are none
    std::uint64_t head = 0;     // the output matrix
    std::uint64_t work = 0;     // of a batch of usual size
};

MemoryNeed memory_need(const Checkpoint& checkpoint, const ModelSpec& spec, const Compute& compute);

// What a batch needs beside the weights: what the widest layer makes of its tokens and, with
// `output`, the final logits that are computed at a time.
std::uint64_t work_bytes(const ModelSpec& spec, const Compute& compute, std::uint64_t tokens,
                         bool output);

// What a token keeps from one layer to the next.
std::uint64_t bytes_between_layers(const ModelSpec& spec, const Compute& compute);

struct MemoryPlan {
    MemoryNeed need;
    std::uint64_t room = 0;    // what may be used
    std::uint64_t budget = 0;  // the largest resident size that follows from it
    bool asked = false;        // by --memory; else the room is what is free
    bool streams = false;      // layer by layer
    // While streaming, for experts that stay decoded between the batches of a layer.
    std::uint64_t decoded_room = 0;

    // "needs 61.1 GB, 18.2 GB free: will stream layer by layer"
    std::string sentence() const;
};

// `budget`: bytes that the program as a whole may hold (on a GPU: that its weights and batches
// may); 0: what is free on the device. UserError where a budget does not even hold the largest
// layer.
MemoryPlan plan_memory(const Checkpoint& checkpoint, const ModelSpec& spec, const Compute& compute,
                       std::uint64_t budget);

}  // namespace alluvium

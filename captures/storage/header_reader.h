#pragma once
// Everything small in a trace file, and where everything large lies.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "captures/hdf5/numbers.h"
#include "captures/routing_trace.h"

namespace alluvium {

using OptionalArray = std::optional<hdf5::NumberArray>;

struct TokenArrays {
    OptionalArray id, prompt, position, byte_begin, byte_end, phase, special;
};

struct LayerArrays {
    OptionalArray expert, weight, logit, margin, random_expert, count, weight_sum;
};

struct FileContents {
    TraceHeader header;
    TokenArrays tokens;
    std::vector<LayerArrays> layers;  // parallel to header.layers
    std::map<LayerId, hdf5::NumberArray> hidden;
    std::map<LayerId, hdf5::NumberArray> stream_means;
    OptionalArray output_logit, nll;

    // Every array that is there, for checks that concern them all.
    std::vector<const hdf5::NumberArray*> arrays() const;
};

// To be called with a LibraryLock. UserError names the file and what it lacks or contradicts.
FileContents read_contents(const hdf5::Handle& file, const std::string& path);

}  // namespace alluvium

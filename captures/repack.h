#pragma once
#include <cstdint>
#include <string>

#include "base/progress.h"

namespace alluvium {

struct RepackResult {
    std::uint64_t bytes_before = 0, bytes_after = 0;
};

// A copy for archives: the same groups, attributes and values, large arrays in compressed chunks.
// Every reader of traces reads it; a capture does not go on in it. The file appears whole or not at
// all. Progress counts bytes. UserError where `trace` is no HDF5 file or `output` exists and
// `overwrite` is false.
RepackResult repack_trace(const std::string& trace, const std::string& output, bool overwrite,
                          Progress& progress);

}  // namespace alluvium

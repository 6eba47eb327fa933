#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace alluvium::bench {

// Seconds to open a checkpoint of many shards and tensors: index, headers, checks. It is made in
// FOLDER, in holes, so that it takes no disk, and removed again.
// FOLDER [--shards 100] [--tensors 50000] [--repeats 9]
Json open_checkpoint(const std::vector<std::string>& words);

}  // namespace alluvium::bench

#pragma once
// Which files of a folder hold the tensors.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/safetensors.h"

namespace alluvium {

struct ShardList {
    std::vector<std::string> files;                 // names inside the folder, sorted
    std::map<std::string, std::string> weight_map;  // tensor -> file, as the index says; or empty
    std::uint64_t total_bytes = 0;                  // of the tensors, where the index says so
};

// An index alone, without a look at its files. UserError where it is malformed or names a file
// outside its folder.
ShardList read_index(const std::filesystem::path& index);

// From model.safetensors.index.json where there is one, else every *.safetensors of the folder.
// UserError where there is none (pickled weights are refused by name), where the index is malformed
// or names a file that is not there or lies outside the folder.
ShardList list_shards(const std::filesystem::path& folder);

// UserError where the index names a tensor that its shard does not hold.
void check_index(const ShardList& list, const TensorTable& tensors,
                 const std::filesystem::path& folder);

}  // namespace alluvium

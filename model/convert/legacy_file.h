#pragma once
// What torch.save wrote before 1.6 (and writes with _use_new_zipfile_serialization=False; see
// torch/serialization.py, _legacy_save): five pickles one after the other (a magic number, the
// version, the machine, the tensors, the keys of the storages), then the storages, each behind the
// number of its elements.
#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "model/convert/pickle.h"

namespace alluvium {

bool is_legacy_file(std::span<const std::byte> file);

struct LegacyFile {
    std::map<std::string, PickledTensor> tensors;
    std::map<std::string, std::span<const std::byte>> storages;  // by key; views, at any address
};

// UserError naming `source` as read_pickled_tensors(), and where the file is cut short, was saved
// on a big-endian machine or with storages that are views of others.
LegacyFile read_legacy_file(std::span<const std::byte> file, const std::string& source);

}  // namespace alluvium

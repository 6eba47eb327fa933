#pragma once
// Reads what torch.save pickles of a dictionary of tensors, and executes nothing: a pickle is a
// program for a small stack machine that may call any function, of which this reader knows those
// that put tensors together, by name, and refuses every other one by name (Python's pickletools
// documents the instructions; torch/_utils.py and torch/serialization.py what torch says with
// them).
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// A tensor as it lies in a storage. Counts in elements.
struct PickledTensor {
    std::string storage;    // key
    std::string dtype;      // as safetensors calls it
    std::int64_t held = 0;  // elements of the storage
    std::int64_t offset = 0;
    std::vector<std::int64_t> shape, stride;

    bool operator==(const PickledTensor&) const = default;
};

// The tensors of a pickled dictionary, also one level down in "state_dict" or "model"; entries that
// are no tensors are left out. UserError naming `source` and: a function that is none of tensors,
// dictionaries, lists and numbers; an instruction that is malformed or unknown; no tensor at all.
std::map<std::string, PickledTensor> read_pickled_tensors(std::span<const std::byte> pickle,
                                                          const std::string& source);

// The same of a value that a machine has made.
class PickleMachine;
struct PickleValue;
std::map<std::string, PickledTensor> named_tensors(const PickleMachine& machine,
                                                   const PickleValue& root);

}  // namespace alluvium

#pragma once
#include <cstdint>
#include <filesystem>

namespace alluvium {

// Makes a checkpoint of random weights in `out` from a folder that holds a dense model's
// config.json and, if it has one, its tokenizer: matrices normal with the config's
// initializer_range (0.02 where it does not say), norms 1, biases 0; each tensor from the seed and
// its name. Does nothing where `out` is a checkpoint already. UserError where the config describes
// no model that can be made.
void make_initial_checkpoint(const std::filesystem::path& description,
                             const std::filesystem::path& out, std::uint64_t seed);

}  // namespace alluvium

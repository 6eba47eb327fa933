#pragma once
#include <string>

namespace alluvium {

class Checkpoint;

// What a checkpoint is, wherever it lies and however it is sharded: SHA-256 (64 hex digits) of its
// config, of every tensor's name, dtype and shape, and of samples of every tensor's content, so
// that any training step shows. Reads at most a few hundred megabytes.
std::string content_id(const Checkpoint& checkpoint);

}  // namespace alluvium

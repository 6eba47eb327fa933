#include "model/checkpoint/content_id.h"

#include <algorithm>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/release_pages.h"
#include "model/checkpoint/sha256.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kBlockBytes = 4096;  // a page: reading less costs the same
constexpr std::uint64_t kBlocks = 4096;      // over the whole checkpoint, shared by its tensors
constexpr std::uint64_t kMinBlocksPerTensor = 4;

// Evenly spread blocks, the first and the last included; small tensors whole.
void add_samples(Sha256& hash, std::span<const std::byte> content, std::uint64_t blocks) {
    if (content.size() <= blocks * kBlockBytes) {
        hash.add(content);
        return;
    }
    const std::uint64_t last = content.size() - kBlockBytes;
    for (std::uint64_t i = 0; i < blocks; ++i) {
        hash.add(content.subspan(last / (blocks - 1) * i, kBlockBytes));
    }
}

// Keys that say where a model came from or which library wrote it, not what it is.
std::string identifying_config(Json config) {
    for (const char* key : {"_name_or_path", "transformers_version"}) config.erase(key);
    return config.dump();
}

}  // namespace

std::string content_id(const Checkpoint& checkpoint) {
    Sha256 hash;
    hash.add(identifying_config(checkpoint.config()));
    const std::uint64_t tensors = std::max<std::uint64_t>(1, checkpoint.tensors().size());
    const std::uint64_t blocks = std::max(kMinBlocksPerTensor, kBlocks / tensors);
    for (const auto& [name, info] : checkpoint.tensors()) {
        hash.add("\n" + name + " " + std::string(info.dtype->name) + " " + shape_text(info.shape) +
                 "\n");
        add_samples(hash, checkpoint.bytes(info), blocks);
        release_pages(checkpoint.bytes(info));
    }
    // By what they are made of: to merge every tensor here would cost as much as running the model.
    if (const TensorChanges* changes = checkpoint.changes()) hash.add("\n+ " + changes->id());
    return hash.hex();
}

}  // namespace alluvium

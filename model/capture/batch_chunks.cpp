#include "model/capture/batch_chunks.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "base/memory.h"

namespace alluvium {
namespace {

// At most this many go through a layer together: reading the weights costs little beside that, and
// an interruption loses no more.
constexpr std::uint64_t kChunkTokens = 32'768;

// Bytes that are there while a batch of so many tokens goes through a layer.
std::uint64_t bytes_at_work(const Engine& engine, std::uint64_t tokens, bool output) {
    const Model& model = *engine.model;
    const MemoryNeed& need = engine.memory.need;
    return (model.device().is_cpu() ? resident_memory() : 0) + need.largest_layer +
           engine.memory.decoded_room + (output ? need.head : 0) +
           work_bytes(model.spec(), {model.device(), model.dtype()}, tokens, output);
}

}  // namespace

std::vector<std::size_t> plan_chunks(const Engine& engine, std::span<const BatchSize> batches,
                                     bool output) {
    const Model& model = *engine.model;
    std::vector<std::size_t> ends(batches.size());
    std::iota(ends.begin(), ends.end(), std::size_t{1});
    if (!model.streams() || batches.empty()) return ends;

    const std::uint64_t each = bytes_between_layers(model.spec(), {model.device(), model.dtype()});
    const auto kept = [&](const BatchSize& batch) {
        return batch.tokens * each + batch.kept_bytes;
    };
    const BatchSize& longest = *std::ranges::max_element(batches, {}, &BatchSize::tokens);
    const BatchSize& heaviest = *std::ranges::max_element(batches, {}, kept);
    const std::uint64_t budget = engine.memory.budget;
    const std::uint64_t used = bytes_at_work(engine, longest.tokens, output);
    if (engine.memory.asked && used + kept(heaviest) > budget) {
        throw UserError("--memory: " + human_bytes(budget) + " do not hold the largest layer and " +
                            std::to_string(longest.tokens) + " tokens, which need " +
                            human_bytes(used + kept(heaviest)),
                        "give that much, or a smaller --batch-tokens");
    }
    ends.clear();
    std::uint64_t tokens = 0, bytes = used;
    for (std::size_t b = 0; b < batches.size(); ++b) {
        tokens += batches[b].tokens;
        bytes += kept(batches[b]);
        if (b > 0 && (tokens > kChunkTokens || bytes > budget)) {
            ends.push_back(b);
            tokens = batches[b].tokens;
            bytes = used + kept(batches[b]);
        }
    }
    ends.push_back(batches.size());
    return ends;
}

}  // namespace alluvium

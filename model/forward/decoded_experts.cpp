#include "model/forward/decoded_experts.h"

#include <ATen/ATen.h>

namespace alluvium {
namespace {

std::uint64_t bytes_of(const FeedForwardWeights& weights) {
    std::uint64_t bytes = 0;
    for (const LinearWeights* part : {&weights.gate, &weights.up, &weights.down}) {
        if (part->weight.defined()) bytes += part->weight.nbytes();
    }
    return bytes;
}

}  // namespace

bool DecodedRoom::take(std::uint64_t bytes) {
    std::uint64_t left = left_;
    while (bytes <= left) {
        if (left_.compare_exchange_weak(left, left - bytes)) return true;
    }
    return false;
}

FeedForwardWeights DecodedExperts::expert(std::size_t expert) const {
    const std::scoped_lock lock(lock_);
    if (kept_[expert]) return *kept_[expert];
    FeedForwardWeights decoded = decode_(expert);
    if (const std::uint64_t bytes = bytes_of(decoded); room_->take(bytes)) {
        taken_ += bytes;
        kept_[expert] = decoded;
    }
    return decoded;
}

}  // namespace alluvium

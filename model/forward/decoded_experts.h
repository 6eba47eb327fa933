#pragma once
// Experts whose weights are stored encoded (MXFP4, block-scaled FP8), decoded when they are asked
// for: a layer of hundreds of them never has to be there decoded.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "model/forward/feed_forward_weights.h"

namespace alluvium {

// Bytes that decoded experts may go on holding after their use, shared by all layers of a model.
class DecodedRoom {
  public:
    explicit DecodedRoom(std::uint64_t bytes) : left_(bytes) {}

    bool take(std::uint64_t bytes);
    void give_back(std::uint64_t bytes) { left_ += bytes; }

  private:
    std::atomic<std::uint64_t> left_;
};

class DecodedExperts {
  public:
    using Decode = std::function<FeedForwardWeights(std::size_t expert)>;

    DecodedExperts(std::size_t experts, Decode decode, std::shared_ptr<DecodedRoom> room)
        : decode_(std::move(decode)), room_(std::move(room)), kept_(experts) {}
    ~DecodedExperts() { room_->give_back(taken_); }
    DecodedExperts(const DecodedExperts&) = delete;
    DecodedExperts& operator=(const DecodedExperts&) = delete;

    // Decoded as long as somebody holds it; those that were first and found room as long as the
    // layer is held. Batches ask for the experts in the same order, one batch after the other, so
    // that letting go of the oldest would keep none that is asked for again.
    FeedForwardWeights expert(std::size_t expert) const;

  private:
    Decode decode_;
    std::shared_ptr<DecodedRoom> room_;
    mutable std::mutex lock_;
    mutable std::vector<std::optional<FeedForwardWeights>> kept_;
    mutable std::uint64_t taken_ = 0;
};

}  // namespace alluvium

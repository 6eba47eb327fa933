#pragma once
// Progress and cancellation of one piece of long work, shared between the thread that does the
// work and the one that shows it.
#include <atomic>
#include <cstdint>

#include "base/error.h"

namespace alluvium {

class Progress {
  public:
    Progress() = default;
    // Of work inside other work: it counts steps of its own and stops when the other is cancelled,
    // which has to outlive it.
    explicit Progress(const Progress* outer) : outer_(outer) {}

    void start(std::uint64_t total) {
        done_ = 0;
        total_ = total;
    }
    void advance(std::uint64_t by = 1) { done_ += by; }
    // Asks the work to stop at its next check; what it has finished stays valid.
    void cancel() { cancelled_ = true; }
    // To be called by the work between steps. Throws Cancelled.
    void check() const {
        if (cancelled()) throw Cancelled();
    }

    std::uint64_t done() const { return done_; }
    std::uint64_t total() const { return total_; }
    bool cancelled() const {
        return cancelled_ || (outer_ != nullptr && outer_->cancelled());
    }

  private:
    const Progress* outer_ = nullptr;
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> total_{0};
    std::atomic<bool> cancelled_{false};
};

}  // namespace alluvium

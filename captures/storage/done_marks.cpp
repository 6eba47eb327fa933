#include "captures/storage/done_marks.h"

namespace alluvium {

DoneMarks::DoneMarks(const DiskFile& file, std::uint64_t offset, std::chrono::milliseconds interval)
    : file_(file), offset_(offset), interval_(interval), thread_([this] { run(); }) {}

DoneMarks::~DoneMarks() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void DoneMarks::add(std::size_t first, std::size_t count) {
    rethrow_failure();
    const std::lock_guard lock(mutex_);
    pending_.push_back({first, count});
}

void DoneMarks::flush() {
    rethrow_failure();
    mark_pending();
    file_.sync();
}

void DoneMarks::run() {
    for (bool last = false; !last;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, interval_, [this] { return stop_; });
            last = stop_;
        }
        try {
            mark_pending();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
        }
    }
}

void DoneMarks::mark_pending() {
    const std::lock_guard turn(marking_);
    std::vector<Prompts> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(pending_);
    }
    if (!taken.empty()) mark(taken);
}

void DoneMarks::mark(const std::vector<Prompts>& prompts) const {
    file_.sync();
    for (const Prompts& range : prompts) {
        const std::vector<std::byte> ones(range.count, std::byte{1});
        file_.write_at(offset_ + range.first, ones);
    }
}

void DoneMarks::rethrow_failure() {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
}

}  // namespace alluvium

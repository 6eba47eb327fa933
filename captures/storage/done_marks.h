#pragma once
// Marks prompts done on disk, never before their rows are there.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "captures/storage/disk_file.h"

namespace alluvium {

// A thread of its own waits for the disk, so that the forward pass does not: every `interval` it
// syncs the file and then writes the marks of the prompts whose rows that sync covered.
class DoneMarks {
  public:
    // `offset` is where the done bytes lie. `file` outlives this object.
    DoneMarks(const DiskFile& file, std::uint64_t offset, std::chrono::milliseconds interval);
    DoneMarks(const DoneMarks&) = delete;
    DoneMarks& operator=(const DoneMarks&) = delete;
    // Marks what is pending; errors are lost here, so call flush() first where they matter.
    ~DoneMarks();

    // Their rows have been written. Throws what went wrong in the background, if anything.
    void add(std::size_t first, std::size_t count);
    // Returns when everything added is marked and on disk.
    void flush();

  private:
    struct Prompts {
        std::size_t first, count;
    };
    void run();
    void mark_pending();
    void mark(const std::vector<Prompts>& prompts) const;
    void rethrow_failure();

    const DiskFile& file_;
    const std::uint64_t offset_;
    const std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Prompts> pending_;  // this and the next two are guarded by mutex_
    std::exception_ptr failure_;
    bool stop_ = false;
    std::mutex marking_;  // held while marks are written: flush() and the thread take turns
    std::thread thread_;
};

}  // namespace alluvium

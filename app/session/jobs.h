#pragma once
// Long work, away from the thread that draws.
//
// A job runs on one of three lanes: `model` is one thread, the only one that ever touches the model
// room; `analysis` is a small pool; on `program` jobs wait for other programs. What a job found
// reaches the session as a closure that is called by drain(), on the thread that owns the session,
// at the start of a frame. So no state is shared between a job and the session, and nothing here
// needs to know what the results are.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"

namespace alluvium {

enum class Lane { model, analysis, program };

using JobId = std::uint64_t;

struct JobSpec {
    // A newer job with the same tag replaces this one: it is cancelled and its result dropped.
    std::string tag;
    // Every input of the work. Starting a job whose tag and key are already under way does nothing.
    std::string key;
    std::string title;      // what the status bar says, e.g. "Analyse medical.h5"; empty: nothing
    std::string unit = {};  // of progress, e.g. "tokens"
    Lane lane = Lane::analysis;
};

// Called on the session's thread with what the job found.
using Delivery = std::function<void()>;
// Called on the lane's thread. May throw: UserError, RunError and every other std::exception become
// a JobEnd that failed, Cancelled one that was cancelled.
using Work = std::function<Delivery(Progress&)>;

struct JobStatus {
    JobId id = 0;
    std::string tag, title, unit;
    bool started = false;
    bool cancelled = false;
    std::uint64_t done = 0, total = 0;  // total 0: unknown
    double seconds = 0;                 // since it started
    double rate = 0;                    // units a second; 0: unknown
    double remaining = -1;              // seconds; negative: unknown
};

// A job that ended without a result, other than by being replaced.
struct JobEnd {
    std::string tag, key, title;
    bool cancelled = false;  // else it failed, and `what` and `hint` say why
    std::string what, hint;
};

class Jobs {
  public:
    // `wake` is called from a lane's thread whenever drain() has something to do.
    explicit Jobs(std::function<void()> wake = {}, unsigned analysis_threads = 2);
    // Cancels everything and waits for the threads; nothing is delivered any more.
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    // Returns the job's id, or that of the job already under way with this tag and key.
    JobId start(JobSpec spec, Work work);
    void cancel(JobId id);
    void cancel_tag(const std::string& tag);

    // Delivers what has finished, in order of completion. True where anything was delivered or
    // failed. A delivery may start jobs.
    bool drain();
    // Drains until nothing is under way. For headless pictures and tests, never for the window.
    void finish();

    bool busy() const;
    std::vector<JobStatus> status() const;  // oldest first
    // Those that ended without a result since the last call.
    std::vector<JobEnd> take_ends();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alluvium

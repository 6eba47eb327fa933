#include "app/session/jobs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

namespace alluvium {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr int kPrograms = 4;  // at once; their threads only wait

struct Job {
    JobId id = 0;
    JobSpec spec;
    Work work;
    Progress progress;
    bool replaced = false;  // session's thread only: its result is not wanted any more
    std::atomic<bool> started{false};
    Time start_time;  // valid once `started`
};
using JobPtr = std::shared_ptr<Job>;

struct Finished {
    JobPtr job;
    Delivery delivery;  // empty: nothing to deliver
    std::optional<JobEnd> end;
};

JobEnd end_of(const Job& job, bool cancelled, std::string what = {}, std::string hint = {}) {
    return {job.spec.tag, job.spec.key,    job.spec.title,
            cancelled,    std::move(what), std::move(hint)};
}

// Runs the work and turns whatever it throws into data: the job boundary.
Finished run(const JobPtr& job) {
    Finished finished{.job = job, .delivery = {}, .end = {}};
    try {
        job->progress.check();
        finished.delivery = job->work(job->progress);
        // A result that comes after its cancellation is as unwanted as one that never came.
        job->progress.check();
    } catch (const Cancelled&) {
        finished.end = end_of(*job, true);
    } catch (const UserError& error) {
        finished.end = end_of(*job, false, error.what(), error.hint());
    } catch (const std::bad_alloc&) {
        finished.end = end_of(*job, false, "out of memory",
                              "close other checkpoints or captures, or choose fewer prompts");
    } catch (const std::exception& error) {
        finished.end = end_of(*job, false, error.what());
    }
    if (finished.end) finished.delivery = nullptr;
    job->work = nullptr;  // what it captured is released here, not while drawing
    return finished;
}

double seconds_since(Time start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

JobStatus describe(const Job& job) {
    JobStatus status{.id = job.id,
                     .tag = job.spec.tag,
                     .title = job.spec.title,
                     .unit = job.spec.unit,
                     .started = job.started,
                     .cancelled = job.progress.cancelled(),
                     .done = job.progress.done(),
                     .total = job.progress.total()};
    if (!status.started) return status;
    status.seconds = seconds_since(job.start_time);
    if (status.done == 0 || status.seconds <= 0) return status;
    status.rate = static_cast<double>(status.done) / status.seconds;
    if (status.total >= status.done) {
        status.remaining = static_cast<double>(status.total - status.done) / status.rate;
    }
    return status;
}

}  // namespace

struct Jobs::Impl {
    std::function<void()> wake;
    JobId next_id = 1;
    std::vector<JobPtr> under_way;  // session's thread only
    std::vector<JobEnd> ends;

    std::mutex mutex;  // guards what follows
    std::condition_variable work_there, result_there;
    std::array<std::deque<JobPtr>, 3> queues;
    std::deque<Finished> results;
    bool stopping = false;

    std::vector<std::jthread> threads;

    void serve(Lane lane);
    JobPtr take(Lane lane);
    void stop();
};

JobPtr Jobs::Impl::take(Lane lane) {
    auto& queue = queues[static_cast<std::size_t>(lane)];
    std::unique_lock lock(mutex);
    work_there.wait(lock, [&] { return stopping || !queue.empty(); });
    if (stopping) return nullptr;
    JobPtr job = queue.front();
    queue.pop_front();
    return job;
}

void Jobs::Impl::serve(Lane lane) {
    while (JobPtr job = take(lane)) {
        job->start_time = std::chrono::steady_clock::now();
        job->started = true;
        Finished finished = run(job);
        {
            const std::scoped_lock lock(mutex);
            results.push_back(std::move(finished));
        }
        result_there.notify_all();
        if (wake) wake();
    }
}

void Jobs::Impl::stop() {
    for (const JobPtr& job : under_way) job->progress.cancel();
    {
        const std::scoped_lock lock(mutex);
        stopping = true;
    }
    work_there.notify_all();
    threads.clear();
}

Jobs::Jobs(std::function<void()> wake, unsigned analysis_threads)
    : impl_(std::make_unique<Impl>()) {
    impl_->wake = std::move(wake);
    impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(Lane::model); });
    for (unsigned i = 0; i < std::max(1U, analysis_threads); ++i) {
        impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(Lane::analysis); });
    }
    for (int i = 0; i < kPrograms; ++i) {
        impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(Lane::program); });
    }
}

Jobs::~Jobs() {
    impl_->stop();
}

JobId Jobs::start(JobSpec spec, Work work) {
    for (const JobPtr& job : impl_->under_way) {
        if (job->replaced || job->spec.tag != spec.tag) continue;
        if (job->spec.key == spec.key && !job->progress.cancelled()) return job->id;
        job->replaced = true;
        job->progress.cancel();
    }
    auto job = std::make_shared<Job>();
    job->id = impl_->next_id++;
    job->spec = std::move(spec);
    job->work = std::move(work);
    impl_->under_way.push_back(job);
    {
        const std::scoped_lock lock(impl_->mutex);
        impl_->queues[static_cast<std::size_t>(job->spec.lane)].push_back(job);
    }
    impl_->work_there.notify_all();
    return job->id;
}

void Jobs::cancel(JobId id) {
    for (const JobPtr& job : impl_->under_way) {
        if (job->id == id) job->progress.cancel();
    }
}

void Jobs::cancel_tag(const std::string& tag) {
    for (const JobPtr& job : impl_->under_way) {
        if (job->spec.tag == tag) job->progress.cancel();
    }
}

bool Jobs::drain() {
    std::deque<Finished> results;
    {
        const std::scoped_lock lock(impl_->mutex);
        results.swap(impl_->results);
    }
    bool anything = false;
    for (Finished& finished : results) {
        std::erase(impl_->under_way, finished.job);
        if (finished.job->replaced) continue;
        anything = true;
        if (finished.end) impl_->ends.push_back(std::move(*finished.end));
        if (finished.delivery) finished.delivery();
    }
    return anything;
}

void Jobs::finish() {
    while (busy()) {
        {
            std::unique_lock lock(impl_->mutex);
            impl_->result_there.wait(lock, [&] { return !impl_->results.empty(); });
        }
        drain();
    }
}

bool Jobs::busy() const {
    return !impl_->under_way.empty();
}

std::vector<JobStatus> Jobs::status() const {
    std::vector<JobStatus> all;
    for (const JobPtr& job : impl_->under_way) {
        if (!job->replaced) all.push_back(describe(*job));
    }
    return all;
}

std::vector<JobEnd> Jobs::take_ends() {
    return std::exchange(impl_->ends, {});
}

}  // namespace alluvium

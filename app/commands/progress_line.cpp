#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "app/commands/command.h"

namespace alluvium {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<Progress*> interruptible{nullptr};

void on_signal(int signal) {
    Progress* progress = interruptible.load();
    if (progress == nullptr || progress->cancelled()) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
        return;
    }
    progress->cancel();
}

std::string duration(double seconds) {
    std::array<char, 32> text{};
    const auto s = static_cast<long>(seconds + 0.5);
    if (s < 3600) {
        std::snprintf(text.data(), text.size(), "%ld:%02ld", s / 60, s % 60);
    } else {
        std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    }
    return text.data();
}

std::string bar(double fraction) {
    constexpr int width = 24;
    const int full = static_cast<int>(fraction * width);
    return "[" + std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(width - full), '.') + "]";
}

}  // namespace

struct ProgressLine::Impl {
    Impl(Progress& p, std::string v, std::string u)
        : progress(p), verb(std::move(v)), unit(std::move(u)) {}

    Progress& progress;
    std::string verb, unit;
    bool terminal = ::isatty(STDERR_FILENO) != 0;
    // Of the phase that is under way. What a resumed run had done before is not this run's speed.
    Clock::time_point start = Clock::now();
    std::uint64_t done_at_start = 0, last_done = 0, last_total = 0;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;

    void notice_new_phase(std::uint64_t done, std::uint64_t total) {
        if (total != last_total || done < last_done) {
            start = Clock::now();
            done_at_start = done;
        }
        last_done = done;
        last_total = total;
    }

    std::string line() {
        const auto done = progress.done();
        const auto total = progress.total();
        notice_new_phase(done, total);
        const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        const double rate = elapsed > 0 ? static_cast<double>(done - done_at_start) / elapsed : 0;
        const double fraction =
            total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
        std::array<char, 160> numbers{};
        std::snprintf(numbers.data(), numbers.size(), " %llu/%llu %s (%.0f%%), %.0f/s",
                      static_cast<unsigned long long>(done), static_cast<unsigned long long>(total),
                      unit.c_str(), 100 * fraction, rate);
        std::string text = verb + " " + (terminal ? bar(fraction) : std::string()) + numbers.data();
        if (rate > 0 && total > done) {
            text += ", " + duration(static_cast<double>(total - done) / rate) + " left";
        }
        return text;
    }

    void show(bool last) {
        if (progress.total() == 0) return;
        if (terminal) {
            std::fprintf(stderr, "\r\033[K%s%s", line().c_str(), last ? "\n" : "");
        } else {
            std::fprintf(stderr, "%s\n", line().c_str());
        }
        std::fflush(stderr);
    }

    void run() {
        const auto period = terminal ? std::chrono::milliseconds(200) : std::chrono::seconds(5);
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, period, [this] { return stopping; })) show(false);
        show(true);
    }
};

ProgressLine::ProgressLine(Progress& progress, std::string verb, std::string unit)
    : impl_(new Impl(progress, std::move(verb), std::move(unit))) {
    interruptible = &progress;
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    if (verbosity() != Verbosity::quiet) impl_->thread = std::thread([this] { impl_->run(); });
}

ProgressLine::~ProgressLine() {
    if (impl_->thread.joinable()) {
        {
            const std::lock_guard lock(impl_->mutex);
            impl_->stopping = true;
        }
        impl_->wake.notify_one();
        impl_->thread.join();
    }
    interruptible = nullptr;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

}  // namespace alluvium

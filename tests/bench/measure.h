#pragma once
#include <algorithm>
#include <chrono>
#include <vector>

#include <sys/resource.h>

namespace alluvium::bench {

struct Measured {
    std::vector<double> seconds;      // wall, the first run left out
    std::vector<double> cpu_seconds;  // of all threads
};

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t n = values.size();
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

inline double process_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Runs `work` repeats + 1 times; the first warms up.
template <typename Work>
Measured measure(int repeats, Work&& work) {
    Measured out;
    for (int i = 0; i <= repeats; ++i) {
        const double cpu = process_cpu_seconds();
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
        if (i == 0) continue;
        out.seconds.push_back(wall.count());
        out.cpu_seconds.push_back(process_cpu_seconds() - cpu);
    }
    return out;
}

}  // namespace alluvium::bench

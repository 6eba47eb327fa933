#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include <malloc.h>

namespace alluvium {
namespace {

// The number behind a word at the start of a line.
std::optional<std::uint64_t> value_of(const std::string& file, const std::string& word) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(word)) continue;
        const std::size_t digit = line.find_first_of("0123456789", word.size());
        if (digit != std::string::npos) return std::stoull(line.substr(digit));
    }
    return std::nullopt;
}

std::uint64_t kilobytes(const std::string& file, const std::string& word) {
    return value_of(file, word).value_or(0) * 1024;
}

// Of one kind of control group. Cached files are given up when memory is needed.
std::optional<std::uint64_t> group_room(const std::string& limit_file,
                                        const std::string& usage_file,
                                        const std::string& statistics, const std::string& cached) {
    const auto limit = value_of(limit_file, "");
    const auto usage = value_of(usage_file, "");
    if (!limit || !usage) return std::nullopt;
    const std::uint64_t used = *usage - std::min(*usage, value_of(statistics, cached).value_or(0));
    return *limit - std::min(*limit, used);
}

}  // namespace

std::uint64_t available_memory() {
    std::uint64_t available = kilobytes("/proc/meminfo", "MemAvailable:");
    const std::string v2 = "/sys/fs/cgroup/", v1 = v2 + "memory/";
    for (const auto& room :
         {group_room(v2 + "memory.max", v2 + "memory.current", v2 + "memory.stat", "file "),
          group_room(v1 + "memory.limit_in_bytes", v1 + "memory.usage_in_bytes", v1 + "memory.stat",
                     "total_cache ")}) {
        if (room) available = std::min(available, *room);
    }
    return available;
}

std::uint64_t resident_memory() {
    return kilobytes("/proc/self/status", "VmRSS:");
}

std::uint64_t peak_resident_memory() {
    return kilobytes("/proc/self/status", "VmHWM:");
}

void return_freed_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
}

}  // namespace alluvium

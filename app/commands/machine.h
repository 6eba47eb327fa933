#pragma once
// What this machine is, as the operating system tells.
#include <cstdint>
#include <string>
#include <vector>

namespace alluvium {

struct Machine {
    std::string cpu;
    int cores = 0;
    std::vector<std::string> instruction_sets;  // of those that matter here, present ones
    std::uint64_t memory = 0;                   // bytes
    std::uint64_t memory_free = 0;              // bytes, available without swapping
    std::string display;  // DISPLAY or WAYLAND_DISPLAY; empty: none

    bool has(const std::string& instruction_set) const;
};

Machine this_machine();

}  // namespace alluvium

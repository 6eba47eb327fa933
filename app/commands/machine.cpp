#include "app/commands/machine.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace alluvium {
namespace {

// What the kernels and libtorch make use of, as the kernel spells it.
constexpr const char* kInstructionSets[] = {"avx2",        "fma",      "f16c",      "avx512f",
                                            "avx512_bf16", "amx_tile", "amx_bf16"};

// The text after "key<blanks>:" of the first such line.
std::string proc_value(const std::string& file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || line.rfind(key, 0) != 0) continue;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
    }
    return "";
}

std::uint64_t memory_bytes(const std::string& key) {
    return std::strtoull(proc_value("/proc/meminfo", key).c_str(), nullptr, 10) * 1024;
}

std::vector<std::string> present_instruction_sets() {
    std::istringstream flags(proc_value("/proc/cpuinfo", "flags"));
    std::vector<std::string> present;
    for (std::string flag; flags >> flag;) {
        const auto* end = std::end(kInstructionSets);
        if (std::find(std::begin(kInstructionSets), end, flag) != end) present.push_back(flag);
    }
    return present;
}

std::string display_name() {
    for (const char* variable : {"WAYLAND_DISPLAY", "DISPLAY"}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && *value != '\0') return value;
    }
    return "";
}

}  // namespace

bool Machine::has(const std::string& instruction_set) const {
    return std::find(instruction_sets.begin(), instruction_sets.end(), instruction_set) !=
           instruction_sets.end();
}

Machine this_machine() {
    Machine machine;
    machine.cpu = proc_value("/proc/cpuinfo", "model name");
    machine.cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    machine.instruction_sets = present_instruction_sets();
    machine.memory = memory_bytes("MemTotal");
    machine.memory_free = memory_bytes("MemAvailable");
    machine.display = display_name();
    return machine;
}

}  // namespace alluvium

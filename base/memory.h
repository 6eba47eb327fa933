#pragma once
// What the operating system says about memory, in bytes. Linux.
#include <cstdint>

namespace alluvium {

// What this program can still take without swapping: of the machine, or of the control group it
// runs in where that allows less. 0 where the system does not tell.
std::uint64_t available_memory();

// This program's resident size now, mapped files included, and its largest so far.
std::uint64_t resident_memory();
std::uint64_t peak_resident_memory();

}  // namespace alluvium

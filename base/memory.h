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

// From now on, blocks of 256 KiB and more go back to the system as soon as they are freed, instead
// of being kept for later: for who holds to a budget. Costs a few percent of speed.
void return_freed_memory();

}  // namespace alluvium

#include "model/checkpoint/release_pages.h"

#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

namespace alluvium {

namespace {

void advise(std::span<const std::byte> mapped, int advice) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto address = reinterpret_cast<std::uintptr_t>(mapped.data());
    const std::uintptr_t begin = address / page * page;
    ::madvise(reinterpret_cast<void*>(begin), address + mapped.size() - begin, advice);
}

}  // namespace

void release_pages(std::span<const std::byte> mapped) {
    advise(mapped, MADV_DONTNEED);
}

void expect_pages(std::span<const std::byte> mapped) {
    advise(mapped, MADV_WILLNEED);
}

}  // namespace alluvium

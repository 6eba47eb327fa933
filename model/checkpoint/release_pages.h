#pragma once
#include <cstddef>
#include <span>

namespace alluvium {

// The pages of mapped bytes no longer count as this program's memory; reading them again is slower,
// never wrong. With it a pass over all tensors of a checkpoint needs the memory of one.
void release_pages(std::span<const std::byte> mapped);

// They will be read soon: the system may fetch them from the disk meanwhile.
void expect_pages(std::span<const std::byte> mapped);

}  // namespace alluvium

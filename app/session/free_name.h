#pragma once
#include <filesystem>
#include <string>

namespace alluvium {

// A name in `folder` that is not taken: STEM-TIME + ending, STEM-TIME-2 + ending, ...; TIME in UTC
// as 20260131-094500.
std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& stem,
                                const std::string& ending);

}  // namespace alluvium

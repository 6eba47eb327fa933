#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace alluvium::test {

// The reference data beside the repository ($ALLUVIUM_REFERENCE_DATA overrides), or nothing where
// it is absent: tests that need it SKIP and say so.
inline std::optional<std::filesystem::path> reference_data() {
    const char* given = std::getenv("ALLUVIUM_REFERENCE_DATA");
    const std::filesystem::path path =
        given != nullptr ? given : ALLUVIUM_SOURCE_DIR "/../shared/data";
    if (!std::filesystem::exists(path)) return std::nullopt;
    return path;
}

}  // namespace alluvium::test

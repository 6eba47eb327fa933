#include "base/assets.h"

#include <cstdlib>

#include "base/error.h"

namespace alluvium {

namespace fs = std::filesystem;

fs::path find_asset(std::string_view relative) {
    if (const char* home = std::getenv("ALLUVIUM_HOME")) {
        const fs::path path = fs::path(home) / relative;
        if (fs::exists(path)) return path;
    }
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    for (fs::path folder = program.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        if (fs::exists(folder / relative)) return folder / relative;
        if (folder == folder.root_path()) break;
    }
    throw UserError("cannot find '" + std::string(relative) + "'",
                    "set ALLUVIUM_HOME to the folder that holds assets/");
}

}  // namespace alluvium

#include "app/session/user_folders.h"

#include <cstdlib>
#include <string>

#include "base/error.h"

namespace alluvium {
namespace {

std::filesystem::path xdg(const char* variable, const char* below_home) {
    // A relative path is to be ignored: XDG Base Directory Specification 0.8.
    if (const char* given = std::getenv(variable); given != nullptr && given[0] == '/')
        return given;
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] == '\0') {
        throw UserError("neither " + std::string(variable) + " nor HOME is set",
                        "set HOME, so that settings and captures have a place");
    }
    return std::filesystem::path(home) / below_home;
}

}  // namespace

UserFolders user_folders_in(const std::filesystem::path& folder) {
    return {folder / "config", folder / "captures", folder / "runs", folder / "scores",
            folder / "cache"};
}

UserFolders default_user_folders() {
    const std::filesystem::path data = xdg("XDG_DATA_HOME", ".local/share") / "alluvium";
    return {xdg("XDG_CONFIG_HOME", ".config") / "alluvium", data / "captures", data / "runs",
            data / "scores", default_cache_folder()};
}

std::filesystem::path default_cache_folder() {
    return xdg("XDG_CACHE_HOME", ".cache") / "alluvium";
}

}  // namespace alluvium

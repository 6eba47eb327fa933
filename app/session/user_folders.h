#pragma once
#include <filesystem>

namespace alluvium {

// Where the workbench keeps what belongs to the person and not to a session.
struct UserFolders {
    std::filesystem::path config;    // settings, recent files, the autosaved session
    std::filesystem::path captures;  // captures made with Run
};

// $XDG_CONFIG_HOME/alluvium and $XDG_DATA_HOME/alluvium/captures with the XDG defaults. Creates
// nothing. UserError where neither they nor $HOME are set.
UserFolders default_user_folders();

}  // namespace alluvium

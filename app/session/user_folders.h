#pragma once
#include <filesystem>

namespace alluvium {

// Where the workbench keeps what belongs to the person and not to a session.
struct UserFolders {
    std::filesystem::path config;    // settings, recent files, the autosaved session
    std::filesystem::path captures;  // captures made with Run
    std::filesystem::path runs;      // what is trained, where no other folder is named
    std::filesystem::path scores;    // results of evaluations
    std::filesystem::path cache;     // what can be made again
};

// $XDG_CONFIG_HOME/alluvium and folders in $XDG_DATA_HOME/alluvium with the XDG defaults. Creates
// nothing. UserError where neither they nor $HOME are set.
UserFolders default_user_folders();
// All of them in one folder.
UserFolders user_folders_in(const std::filesystem::path& folder);

// What can be made again: $XDG_CACHE_HOME/alluvium. Errors as default_user_folders().
std::filesystem::path default_cache_folder();

}  // namespace alluvium

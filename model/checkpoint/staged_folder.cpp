#include "model/checkpoint/staged_folder.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/stat.h>

#include "base/error.h"

namespace alluvium {

namespace fs = std::filesystem;

namespace {

// "folder/" names the same folder as "folder".
fs::path without_trailing_separator(const fs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

fs::path make_sibling(const fs::path& target) {
    const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
    std::string name(1, '.');
    name.append(target.filename().string()).append(".XXXXXX");
    std::string pattern = (parent / name).string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw UserError("cannot create '" + target.string() + "': " + std::strerror(errno),
                        "check that the folder around it exists and that you may write there");
    }
    // mkdtemp gives 0700; a result is readable like any other folder of the user's.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(pattern.c_str(), 0777 & ~mask);
    return pattern;
}

}  // namespace

StagedFolder::StagedFolder(fs::path target, bool overwrite)
    : target_(without_trailing_separator(target)) {
    std::error_code ignored;
    const bool taken = fs::exists(target_, ignored) &&
                       !(fs::is_directory(target_, ignored) && fs::is_empty(target_, ignored));
    if (taken && !overwrite) {
        throw UserError("'" + target_.string() + "' exists", "--overwrite replaces it");
    }
    staging_ = make_sibling(target_);
}

StagedFolder::~StagedFolder() {
    if (staging_.empty()) return;
    std::error_code ignored;
    fs::remove_all(staging_, ignored);
}

void StagedFolder::commit() {
    std::error_code error;
    fs::remove_all(target_, error);
    if (!error) fs::rename(staging_, target_, error);
    if (error) {
        throw RunError("cannot write '" + target_.string() + "': " + error.message());
    }
    staging_.clear();
}

}  // namespace alluvium

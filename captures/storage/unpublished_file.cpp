#include "captures/storage/unpublished_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "captures/storage/disk_file.h"

namespace alluvium {
namespace {

// Returns 0 or the system's error.
int rename_file(const std::string& from, const std::string& to, bool overwrite) {
    const unsigned flags = overwrite ? 0 : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return 0;
    // Some network file systems cannot promise not to replace: look first, then.
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (!overwrite && std::filesystem::exists(to)) return EEXIST;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

UnpublishedFile::UnpublishedFile(const std::string& target)
    : target_(target), path_(target + ".XXXXXX") {
    const int fd = ::mkostemp(path_.data(), O_CLOEXEC);
    if (fd < 0) {
        throw UserError("cannot create '" + target + "': " + std::strerror(errno),
                        "check that the folder exists and that you may write there");
    }
    // mkostemp gives 0600; a result is readable like any other file of the user's.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(fd, 0666 & ~mask);
    ::close(fd);
}

UnpublishedFile::~UnpublishedFile() {
    if (!published_) ::unlink(path_.c_str());
}

void UnpublishedFile::publish(bool overwrite) {
    const int error = rename_file(path_, target_, overwrite);
    if (error == EEXIST) refuse_existing(target_);
    if (error != 0) {
        throw RunError("cannot rename '" + path_ + "' to '" + target_ +
                       "': " + std::strerror(error));
    }
    published_ = true;
    sync_folder(std::filesystem::path(target_).parent_path());
}

void refuse_existing(const std::string& path) {
    throw UserError("'" + path + "' exists already",
                    "choose another file, or give --overwrite to replace it or --resume to go on");
}

}  // namespace alluvium

#include "captures/storage/disk_file.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

std::string quoted(const std::filesystem::path& path) {
    return "'" + path.string() + "'";
}

std::string reason(int error) {
    return std::strerror(error);
}

[[noreturn]] void fail(const char* verb, const std::filesystem::path& path, int error) {
    throw RunError(std::string("cannot ") + verb + " " + quoted(path) + ": " + reason(error));
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

[[noreturn]] void fail_for_space(const std::filesystem::path& path, std::uint64_t needed,
                                 std::uint64_t available) {
    throw RunError("not enough space for " + quoted(path) + ": " + human_bytes(needed) +
                   " needed, " + human_bytes(available) + " available");
}

}  // namespace

DiskFile::DiskFile(const std::filesystem::path& path, Mode mode) : path_(path) {
    const int flags = (mode == Mode::read ? O_RDONLY : O_RDWR) | O_CLOEXEC;
    fd_ = ::open(path.c_str(), flags);
    if (fd_ < 0) {
        throw UserError("cannot open " + quoted(path) + ": " + reason(errno),
                        "check the path and the file's permissions");
    }
    struct stat info {};
    if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(std::exchange(fd_, -1));
        throw UserError(quoted(path) + " is not a regular file");
    }
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
}

DiskFile::~DiskFile() {
    if (fd_ >= 0) ::close(fd_);
}

void DiskFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
    while (!out.empty()) {
        const ssize_t n = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("read", path_, errno);
        if (n == 0) throw RunError("cannot read " + quoted(path_) + ": the file ends too early");
        out = out.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

void DiskFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("write", path_, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

void DiskFile::begin_sync(std::uint64_t offset, std::uint64_t bytes) const {
    // A hint: file systems that cannot do it bring the bytes to the disk at the next sync().
    ::sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes),
                      SYNC_FILE_RANGE_WRITE);
}

std::uint64_t DiskFile::size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) fail("read", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
}

void DiskFile::reserve(std::uint64_t bytes) const {
    if (bytes == 0) return;
    const int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
    if (error == 0) return;
    if (error != ENOSPC && error != EFBIG && error != EDQUOT) fail("reserve", path_, error);
    std::error_code ignored;
    const auto space = std::filesystem::space(folder_of(path_), ignored);
    fail_for_space(path_, bytes, ignored ? 0 : space.available);
}

void DiskFile::sync() const {
    if (::fdatasync(fd_) != 0) fail("write", path_, errno);
}

void DiskFile::lock_for_writing() const {
    // A lock of the open file description, not flock(): the HDF5 library of readers uses that one.
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd_, F_OFD_SETLK, &whole) == 0) return;
    if (errno != EAGAIN && errno != EACCES) return;  // a file system without locks
    throw UserError(quoted(path_) + " is being written by another process",
                    "wait for that capture to end, or choose another output file");
}

void sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path where = folder.empty() ? "." : folder;
    const int fd = ::open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;  // not every file system lets folders be opened; then nothing can be done
    ::fsync(fd);
    ::close(fd);
}

void expect_space(const std::filesystem::path& path, std::uint64_t bytes) {
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        bytes > limit.rlim_cur) {
        fail_for_space(path, bytes, limit.rlim_cur);
    }
    std::error_code unknown;
    const auto space = std::filesystem::space(folder_of(path), unknown);
    if (!unknown && bytes > space.available) fail_for_space(path, bytes, space.available);
}

}  // namespace alluvium

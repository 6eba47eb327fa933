#include "base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace alluvium {
namespace {

class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

std::string reason() {
    return std::strerror(errno);
}

FileDescriptor open_regular(const std::filesystem::path& path, struct stat& info) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        throw UserError("cannot open '" + path.string() + "': " + reason(),
                        "check the path and that you may read it");
    }
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(fd);
        throw UserError("'" + path.string() + "' is not a regular file");
    }
    return FileDescriptor(fd);
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw RunError("cannot write '" + path.string() + "': " + reason());
        content.remove_prefix(static_cast<std::size_t>(n));
    }
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
    struct stat info {};
    const FileDescriptor file = open_regular(path, info);
    size_ = static_cast<std::size_t>(info.st_size);
    if (size_ == 0) return;
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (address == MAP_FAILED) throw RunError("cannot map '" + path.string() + "': " + reason());
    data_ = static_cast<const std::byte*>(address);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

std::string read_file(const std::filesystem::path& path) {
    struct stat info {};
    const FileDescriptor file = open_regular(path, info);
    std::string content(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t at = 0;
    while (at < content.size()) {
        const ssize_t n = ::read(file.get(), content.data() + at, content.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw RunError("cannot read '" + path.string() + "': " + reason());
        if (n == 0) break;
        at += static_cast<std::size_t>(n);
    }
    content.resize(at);
    return content;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
    std::string pattern = path.string() + ".XXXXXX";
    const FileDescriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
    if (file.get() < 0) {
        throw UserError("cannot create '" + path.string() + "': " + reason(),
                        "check that the folder exists and that you may write there");
    }
    try {
        write_all(file.get(), content, path);
        // mkostemp gives 0600; a result is readable like any other file of the user's.
        const mode_t mask = ::umask(0);
        ::umask(mask);
        if (::fchmod(file.get(), 0666 & ~mask) != 0 || ::fsync(file.get()) != 0 ||
            ::rename(pattern.c_str(), path.c_str()) != 0) {
            throw RunError("cannot write '" + path.string() + "': " + reason());
        }
    } catch (...) {
        ::unlink(pattern.c_str());
        throw;
    }
}

std::string human_bytes(std::uintmax_t bytes) {
    constexpr std::array units = {"B", "kB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value,
                  units[unit]);
    return text.data();
}

}  // namespace alluvium

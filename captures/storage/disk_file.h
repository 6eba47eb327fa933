#pragma once
// A file read and written at byte offsets. Every failure is a RunError that names the file and what
// the system said.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace alluvium {

class DiskFile {
  public:
    enum class Mode { read, read_write };

    DiskFile() = default;
    // UserError where the file is missing or may not be opened.
    DiskFile(const std::filesystem::path& path, Mode mode);
    DiskFile(DiskFile&& other) noexcept;
    DiskFile& operator=(DiskFile&& other) noexcept;
    ~DiskFile();

    void read_at(std::uint64_t offset, std::span<std::byte> out) const;
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) const;
    // Asks the system to begin bringing what was written there to the disk, without waiting: the
    // next sync() then has little left to do.
    void begin_sync(std::uint64_t offset, std::uint64_t bytes) const;
    std::uint64_t size() const;

    // Takes the blocks of the first `bytes` bytes from the file system, so that no later write
    // finds the disk full.
    void reserve(std::uint64_t bytes) const;
    // Waits until everything written so far is on the disk.
    void sync() const;
    // Keeps other writers away until the file is closed; readers are not affected. UserError where
    // another process holds it.
    void lock_for_writing() const;

  private:
    std::filesystem::path path_;
    int fd_ = -1;
};

// Makes a rename or a new name inside `folder` permanent.
void sync_folder(const std::filesystem::path& folder);

// RunError where `bytes` more bytes cannot be stored at `path`: too little space, or above the
// process's limit on file sizes. Found by asking, before anything is written.
void expect_space(const std::filesystem::path& path, std::uint64_t bytes);

}  // namespace alluvium

#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace alluvium {

// A file mapped read-only. Copies nothing; the pages are shared with every other reader.
// Errors: UserError where the file is missing or is no regular file, RunError where mapping fails.
class MappedFile {
  public:
    MappedFile() = default;
    explicit MappedFile(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::size_t size() const { return size_; }

  private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

// The whole file. UserError where it cannot be opened, RunError where reading fails.
std::string read_file(const std::filesystem::path& path);

// Writes beside `path`, syncs, then renames: a reader sees the old file or the new one, never half
// of it. UserError where the folder is not there, RunError on anything else.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// "12.3 MB", powers of 1000 as disks and downloads count.
std::string human_bytes(std::uintmax_t bytes);

}  // namespace alluvium

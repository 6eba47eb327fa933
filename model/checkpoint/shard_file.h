#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/files.h"

namespace alluvium {

// A mapped file of weights that notices when it is changed under its readers.
//
// Reading a page that a file no longer has, because it was cut short after it was mapped, ends a
// program (SIGBUS). Here such pages read as zeros and the file counts as changed: look at changed()
// after reading, before anything is made of what was read.
class ShardFile {
  public:
    // Whoever opens the same file in the same state shares one mapping. Errors as MappedFile has.
    static std::shared_ptr<const ShardFile> open(const std::filesystem::path& path);

    ~ShardFile();
    ShardFile(const ShardFile&) = delete;
    ShardFile& operator=(const ShardFile&) = delete;

    std::span<const std::byte> bytes() const { return file_.bytes(); }
    std::size_t size() const { return file_.size(); }

    // Written to or cut short since it was opened: what bytes() shows is no longer what it was.
    bool changed() const;
    // Changed, or another file is in its place, or none: opening it again would show something
    // else.
    bool outdated() const;

  private:
    struct State;
    struct Guard;
    explicit ShardFile(const std::filesystem::path& path);

    std::filesystem::path path_;
    MappedFile file_;
    std::unique_ptr<const State> opened_;
    Guard* guard_ = nullptr;
};

}  // namespace alluvium

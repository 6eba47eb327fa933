#pragma once
#include <filesystem>

namespace alluvium {

// A folder that appears under its name only when it is complete: everything is written into path(),
// a sibling with a name of its own, which commit() renames. Without commit() nothing is left
// behind.
class StagedFolder {
  public:
    // UserError where `target` exists and is no empty folder (unless `overwrite`), or where its
    // parent cannot be written.
    StagedFolder(std::filesystem::path target, bool overwrite);
    ~StagedFolder();
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;

    const std::filesystem::path& path() const { return staging_; }
    void commit();  // RunError where renaming fails

  private:
    std::filesystem::path target_;
    std::filesystem::path staging_;
};

}  // namespace alluvium

#pragma once
#include <string>

namespace alluvium {

// A file name beside the final one until publish(); what was not published is removed.
class UnpublishedFile {
  public:
    // UserError where the folder is missing or not writable.
    explicit UnpublishedFile(const std::string& target);
    UnpublishedFile(const UnpublishedFile&) = delete;
    UnpublishedFile& operator=(const UnpublishedFile&) = delete;
    ~UnpublishedFile();

    const std::string& path() const { return path_; }
    // Gives the file its final name. UserError where that exists and `overwrite` is false.
    void publish(bool overwrite);

  private:
    std::string target_;
    std::string path_;
    bool published_ = false;
};

// UserError that says what to do about an output file that is already there.
[[noreturn]] void refuse_existing(const std::string& path);

}  // namespace alluvium

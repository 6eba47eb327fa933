#pragma once
// What is open and how it is shown, kept beside the settings while the window is open: after a
// crash it can be brought back.
#include <chrono>
#include <filesystem>
#include <optional>

#include "app/session/jobs.h"
#include "app/session/session_file.h"

namespace alluvium {

class Autosave {
  public:
    // Keeps the session in a file of this process in `folder`.
    Autosave(Jobs& jobs, const std::filesystem::path& folder);
    // Removes the file: the session has come to its proper end.
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    // To be called at the start of every frame; writes what has changed, every two seconds at most.
    void keep(const SessionFile& session);
    // Something has changed that is not under way to the disk.
    bool pending() const { return pending_; }
    const std::filesystem::path& path() const { return path_; }

  private:
    Jobs& jobs_;
    std::filesystem::path path_;
    std::optional<SessionFile> written_;
    std::chrono::steady_clock::time_point written_at_;
    bool pending_ = false;
};

// The session of a window that has gone without closing it, moved to the file that this returns;
// nothing where there is none. Of several the newest is kept. Sessions of windows that are open are
// left alone.
std::optional<std::filesystem::path> recover_session(const std::filesystem::path& folder);
// Where recover_session() puts it.
std::filesystem::path recovered_session(const std::filesystem::path& folder);

}  // namespace alluvium

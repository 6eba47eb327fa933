#include "app/session/autosave.h"

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace alluvium {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kAtMostEvery = std::chrono::seconds(2);
constexpr const char* kStart = "open-";  // then the process, then the ending of sessions

std::string program_of(const std::string& process) {
    std::error_code failed;
    return fs::read_symlink("/proc/" + process + "/exe", failed).filename().string();
}

// Numbers of processes are used again: it has to be this program, too. One that has been replaced
// on the disk since is told by an addition to its name.
bool is_open(pid_t process) {
    const std::string self = program_of("self").substr(0, program_of("self").find(' '));
    return program_of(std::to_string(process)).starts_with(self);
}

// The process whose session this file is; 0: it is none.
pid_t owner(const fs::path& path) {
    const std::string name = path.filename().string();
    if (!name.starts_with(kStart) || !is_session_file(path)) return 0;
    return static_cast<pid_t>(std::strtol(name.c_str() + std::string(kStart).size(), nullptr, 10));
}

}  // namespace

Autosave::Autosave(Jobs& jobs, const fs::path& folder)
    : jobs_(jobs),
      path_(folder / (kStart + std::to_string(::getpid()) + kSessionEnding)),
      written_at_(Clock::now()) {}

Autosave::~Autosave() {
    std::error_code ignored;
    fs::remove(path_, ignored);
}

void Autosave::keep(const SessionFile& session) {
    pending_ = !written_ || !(session == *written_);
    if (!pending_ || Clock::now() - written_at_ < kAtMostEvery) return;
    written_ = session;
    written_at_ = Clock::now();
    pending_ = false;
    jobs_.start({.tag = "autosave", .key = {}, .title = {}},
                [session, path = path_](Progress&) -> Delivery {
                    fs::create_directories(path.parent_path());
                    save_session_file(session, path);
                    return [] {};
                });
}

fs::path recovered_session(const fs::path& folder) {
    return folder / (std::string("recovered") + kSessionEnding);
}

std::optional<fs::path> recover_session(const fs::path& folder) {
    std::error_code failed;
    std::optional<fs::path> newest;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const pid_t process = owner(entry->path());
        if (process <= 0 || is_open(process)) continue;
        if (!newest) {
            newest = entry->path();
            continue;
        }
        const bool newer =
            fs::last_write_time(entry->path(), failed) > fs::last_write_time(*newest, failed);
        fs::remove(newer ? *newest : entry->path(), failed);
        if (newer) newest = entry->path();
    }
    if (!newest) return std::nullopt;
    fs::rename(*newest, recovered_session(folder), failed);
    return failed ? std::nullopt : std::optional(recovered_session(folder));
}

}  // namespace alluvium

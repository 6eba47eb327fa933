#pragma once
// Session files (.alluvium.json): what was open and how it was looked at.
#include <filesystem>
#include <string>
#include <vector>

#include "app/session/prompt_choice.h"
#include "app/session/view_state.h"

namespace alluvium {

inline constexpr const char* kSessionEnding = ".alluvium.json";
inline constexpr int kSessionVersion = 1;

struct SessionFile {
    std::vector<std::string> open;  // absolute paths of checkpoints and traces, in order
    ViewState view;
    PromptChoice prompts;

    bool operator==(const SessionFile&) const = default;
};

// Paths below the file's own folder are stored relative to it, so that a folder can be moved with
// its session. Ids of traces in the view are paths too and are treated alike.
void save_session_file(const SessionFile& session, const std::filesystem::path& path);

// UserError where the file is none of ours, is newer than this program, or is damaged.
SessionFile read_session_file(const std::filesystem::path& path);

bool is_session_file(const std::filesystem::path& path);

}  // namespace alluvium

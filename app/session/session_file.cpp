#include "app/session/session_file.h"

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "alluvium-session";

std::string stored(const std::string& path, const fs::path& folder) {
    if (path.empty()) return path;
    const fs::path relative = fs::path(path).lexically_relative(folder);
    const bool below = !relative.empty() && *relative.begin() != "..";
    return below ? relative.string() : path;
}

std::string restored(const std::string& path, const fs::path& folder) {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    return (folder / path).lexically_normal().string();
}

// Applies `change` to every path in the session.
template <typename Change>
SessionFile with_paths(SessionFile session, const Change& change) {
    for (std::string& path : session.open) path = change(path);
    session.view.a = change(session.view.a);
    session.view.b = change(session.view.b);
    session.prompts.set = change(session.prompts.set);
    return session;
}

fs::path folder_of(const fs::path& path) {
    return fs::absolute(path).parent_path().lexically_normal();
}

void check_format(const Json& json, const std::string& source) {
    if (!json.is_object() || json.value("format", Json()) != kFormat) {
        throw UserError(source + ": not a session of alluvium",
                        "open a file that File > Save session wrote");
    }
    const int version = json.value("version", 0);
    if (version > kSessionVersion) {
        throw UserError(source + ": session version " + std::to_string(version) +
                            " is newer than this program, which reads up to " +
                            std::to_string(kSessionVersion),
                        "update alluvium");
    }
}

}  // namespace

void save_session_file(const SessionFile& session, const fs::path& path) {
    const fs::path folder = folder_of(path);
    const SessionFile file =
        with_paths(session, [&](const std::string& p) { return stored(p, folder); });
    const Json json = {{"format", kFormat},
                       {"version", kSessionVersion},
                       {"writer", "alluvium " ALLUVIUM_VERSION},
                       {"open", file.open},
                       {"view", view_state_json(file.view)},
                       {"prompts", prompt_choice_json(file.prompts)}};
    write_file_atomically(path, json.dump(2) + "\n");
}

SessionFile read_session_file(const fs::path& path) {
    const std::string source = path.string();
    const Json json = read_json(path);
    SessionFile session;
    try {
        check_format(json, source);
        session.open = json.value("open", session.open);
        session.prompts = prompt_choice_from_json(json.value("prompts", Json::object()));
    } catch (const Json::exception& error) {
        throw UserError(source + ": the session cannot be read: " + error.what());
    }
    session.view = view_state_from_json(json.value("view", Json::object()), source);
    const fs::path folder = folder_of(path);
    return with_paths(std::move(session),
                      [&](const std::string& p) { return restored(p, folder); });
}

bool is_session_file(const fs::path& path) {
    return path.filename().string().ends_with(kSessionEnding);
}

}  // namespace alluvium

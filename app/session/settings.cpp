#include "app/session/settings.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace alluvium {
namespace {

constexpr const char* kFileName = "settings.json";

}  // namespace

void remember_recent(Settings& settings, const std::filesystem::path& path) {
    const std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
    std::erase(settings.recent, absolute);
    settings.recent.insert(settings.recent.begin(), absolute);
    if (settings.recent.size() > kRecentFiles) settings.recent.resize(kRecentFiles);
}

Settings read_settings(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kFileName;
    if (!std::filesystem::exists(path)) return {};
    try {
        const Json json = read_json(path);
        Settings settings;
        settings.dark = json.value("dark", settings.dark);
        settings.scale =
            std::clamp(json.value("scale", settings.scale), kSmallestScale, kLargestScale);
        settings.recent = json.value("recent", settings.recent);
        settings.toured = json.value("toured", settings.toured);
        return settings;
    } catch (const std::exception&) {
        return {};
    }
}

void save_settings(const Settings& settings, const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw RunError(folder.string() + ": " + failed.message());
    const Json json = {{"dark", settings.dark},
                       {"scale", settings.scale},
                       {"recent", settings.recent},
                       {"toured", settings.toured}};
    write_file_atomically(folder / kFileName, json.dump(2) + "\n");
}

}  // namespace alluvium

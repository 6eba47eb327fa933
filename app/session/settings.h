#pragma once
// What a person sets once for all sessions, and what they opened last.
#include <filesystem>
#include <string>
#include <vector>

namespace alluvium {

struct Settings {
    bool dark = false;
    double scale = 1.0;                    // of the whole interface, on top of the display's own
    std::vector<std::string> recent = {};  // absolute paths, latest first
    bool toured = false;                   // has seen the guided tour, or did not want to

    bool operator==(const Settings&) const = default;
};

inline constexpr std::size_t kRecentFiles = 12;
inline constexpr double kSmallestScale = 0.75, kLargestScale = 3.0;

// Moves `path` to the front and keeps the list short.
void remember_recent(Settings& settings, const std::filesystem::path& path);

// settings.json in `folder`; defaults where it is missing or damaged: a broken file of preferences
// is no reason not to start.
Settings read_settings(const std::filesystem::path& folder);
// Creates the folder. RunError where it cannot be written.
void save_settings(const Settings& settings, const std::filesystem::path& folder);

}  // namespace alluvium

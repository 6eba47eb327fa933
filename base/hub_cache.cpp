#include "base/hub_cache.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRepository = "models--";
constexpr const char* kSnapshots = "snapshots";

bool is_repository(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path / kSnapshots, ignored) &&
           !fs::exists(path / "config.json", ignored);
}

std::vector<std::string> snapshots_of(const fs::path& repository) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(repository / kSnapshots)) {
        if (entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

// The commit in refs/main; empty where there is no such file.
std::string main_commit(const fs::path& repository) {
    const fs::path file = repository / "refs" / "main";
    if (!fs::exists(file)) return "";
    const std::string text = read_file(file);
    return text.substr(0, text.find_first_of(" \t\r\n"));
}

}  // namespace

fs::path hub_snapshot(const fs::path& path) {
    if (!is_repository(path)) return path;
    const std::vector<std::string> found = snapshots_of(path);
    const std::string commit = main_commit(path);
    if (std::ranges::find(found, commit) != found.end()) return path / kSnapshots / commit;
    if (found.empty()) {
        throw UserError("'" + path.string() + "' holds no snapshot", "fetch the model again");
    }
    if (!commit.empty()) {
        throw UserError("'" + path.string() + "': refs/main names the snapshot '" + commit +
                            "', which is not there",
                        "fetch the model again, or give one of the folders in snapshots/");
    }
    if (found.size() == 1) return path / kSnapshots / found.front();
    std::string names;
    for (const std::string& name : found) names += (names.empty() ? "'" : ", '") + name + "'";
    throw UserError("'" + path.string() + "' holds several snapshots and no refs/main: " + names,
                    "give the folder of one, such as snapshots/" + found.front());
}

std::string folder_name(const fs::path& folder) {
    const fs::path absolute = fs::weakly_canonical((folder / "").parent_path());
    const std::string repository = absolute.parent_path().parent_path().filename().string();
    const bool snapshot =
        absolute.parent_path().filename() == kSnapshots && repository.starts_with(kRepository);
    if (!snapshot) return absolute.filename().string();
    const std::size_t organisation = repository.find("--", kRepository.size());
    return repository.substr(organisation == std::string::npos ? kRepository.size()
                                                               : organisation + 2);
}

}  // namespace alluvium

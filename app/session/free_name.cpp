#include "app/session/free_name.h"

#include <chrono>
#include <ctime>

namespace alluvium {
namespace {

std::string time_stamp() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
    return text;
}

}  // namespace

std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& stem,
                                const std::string& ending) {
    const std::string base = stem + "-" + time_stamp();
    std::filesystem::path path = folder / (base + ending);
    for (int n = 2; std::filesystem::exists(path); ++n) {
        path = folder / (base + "-" + std::to_string(n) + ending);
    }
    return path;
}

}  // namespace alluvium

// Reads the include lines of every source file: a room may use the rooms below it only.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

// Longest matching prefix decides. What a room may include of this repository:
const std::map<std::string, Rooms> kMayUse = {
    {"base", {"base"}},
    {"captures", {"base", "captures"}},
    {"analysis", {"base", "captures", "analysis"}},
    {"model/tokenizer", {"base", "model/tokenizer"}},
    {"model/checkpoint", {"base", "model/checkpoint"}},
    {"model", {"base", "captures", "model"}},
    {"app", {"base", "captures", "analysis", "model", "app"}},
};

// Folders that alone may include a library's headers.
struct Owner {
    std::regex header;
    Rooms rooms;
};
const Owner kOwners[] = {
    {std::regex("^(ATen|torch|c10)/"), {"model"}},
    {std::regex("^hdf5|^H5"), {"captures"}},
    {std::regex("^(imgui|implot)"), {"app/views", "app/painters"}},
    {std::regex("^(GLFW|EGL|GL)/"), {"app/views", "app/painters"}},
    {std::regex("^(cairo|pango)"), {"app/painters"}},
};

// What a bare GPU machine builds must not need more than base and torch.
const Rooms kForwardOnly = {"model/checkpoint", "model/families", "model/router", "model/forward",
                            "model/kernels"};

bool is_inside(const std::string& path, const std::string& folder) {
    return path.rfind(folder + "/", 0) == 0;
}

bool is_inside_any(const std::string& path, const Rooms& folders) {
    for (const std::string& folder : folders) {
        if (is_inside(path, folder)) return true;
    }
    return false;
}

const Rooms* rule_for(const std::string& path) {
    const Rooms* best = nullptr;
    std::size_t length = 0;
    for (const auto& [room, rooms] : kMayUse) {
        if (is_inside(path, room) && room.size() >= length) {
            best = &rooms;
            length = room.size();
        }
    }
    return best;
}

bool allowed(const std::string& file, const std::string& header) {
    static const Rooms ours = {"base", "captures", "analysis", "model", "app"};
    for (const Owner& owner : kOwners) {
        if (std::regex_search(header, owner.header) && !is_inside_any(file, owner.rooms)) return false;
    }
    if (!is_inside_any(header, ours)) return true;
    const Rooms* rooms = rule_for(file);
    if (rooms != nullptr && !is_inside_any(header, *rooms)) return false;
    const bool forward = is_inside_any(file, kForwardOnly);
    return !forward || is_inside(header, "base") || is_inside_any(header, kForwardOnly);
}

}  // namespace

TEST_CASE("every include points down the architecture") {
    static const std::regex include(R"re(^\s*#\s*include\s*["<]([^">]+)[">])re");
    const fs::path root = ALLUVIUM_SOURCE_DIR;
    std::size_t files = 0;
    for (const char* room : {"base", "captures", "analysis", "model", "app"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
            const std::string extension = entry.path().extension();
            if (extension != ".h" && extension != ".cpp" && extension != ".cu") continue;
            ++files;
            const std::string file = fs::relative(entry.path(), root);
            std::ifstream in(entry.path());
            std::smatch match;
            for (std::string line; std::getline(in, line);) {
                if (!std::regex_search(line, match, include)) continue;
                INFO(file << " includes " << match[1]);
                CHECK(allowed(file, match[1]));
            }
        }
    }
    CHECK(files > 100);
}

TEST_CASE("the layering rule itself tells right from wrong") {
    CHECK(allowed("analysis/share.cpp", "captures/routing_trace.h"));
    CHECK_FALSE(allowed("analysis/share.cpp", "model/forward/model.h"));
    CHECK_FALSE(allowed("captures/schema.cpp", "analysis/share.h"));
    CHECK_FALSE(allowed("model/forward/model.cpp", "captures/routing_trace.h"));
    CHECK(allowed("model/capture/capture.cpp", "captures/routing_trace.h"));
    CHECK_FALSE(allowed("app/session/jobs.cpp", "imgui.h"));
    CHECK_FALSE(allowed("app/commands/render.cpp", "cairo.h"));
    CHECK_FALSE(allowed("analysis/share.cpp", "ATen/ATen.h"));
    CHECK_FALSE(allowed("model/tokenizer/bpe.cpp", "model/forward/model.h"));
}

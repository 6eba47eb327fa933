// Every view against a picture that was looked at: tests/golden/views/*.ppm, blocks of 16 x 16
// pixels averaged, so that another rasterizer's edges do not count but a panel that is gone, moved,
// empty or of another colour does. What the window shows now lies in build/golden-views after a
// run; a picture that is meant to differ is looked at (build/screenshots) and copied from there.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "app/views/screenshot.h"
#include "app/views/view.h"
#include "base/files.h"
#include "tests/support/language_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::LanguageTrace;
using alluvium::test::TemporaryFolder;
using alluvium::test::write_language_trace;

namespace {

constexpr int kBlock = 16, kWidth = 1280, kHeight = 800;
// A block may be off by what other hinting does to a word in it, and a few by more where a line of
// text breaks elsewhere; a picture as a whole may not.
constexpr double kBlockTolerance = 24, kBlocksBeyond = 0.01, kMeanTolerance = 1.5;

// Means of blocks, as a binary PPM.
std::string blocks_of(const RgbaImage& image) {
    const int columns = image.width / kBlock, rows = image.height / kBlock;
    std::string ppm = "P6\n" + std::to_string(columns) + " " + std::to_string(rows) + "\n255\n";
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            int sums[3] = {0, 0, 0};
            for (int i = 0; i < kBlock * kBlock; ++i) {
                const int y = row * kBlock + i / kBlock, x = column * kBlock + i % kBlock;
                const std::uint8_t* pixel = &image.pixels[std::size_t(y * image.width + x) * 4];
                for (int c = 0; c < 3; ++c) sums[c] += pixel[c];
            }
            for (const int sum : sums) ppm += static_cast<char>(sum / (kBlock * kBlock));
        }
    }
    return ppm;
}

struct Difference {
    double mean = 0;    // of all channels, 0 to 255
    double beyond = 0;  // share of blocks beyond the tolerance
};

Difference difference(const std::string& a, const std::string& b) {
    REQUIRE(a.size() == b.size());
    const std::size_t header = a.find("255\n") + 4, blocks = (a.size() - header) / 3;
    Difference result;
    for (std::size_t block = 0; block < blocks; ++block) {
        double largest = 0;
        for (std::size_t i = header + 3 * block; i < header + 3 * block + 3; ++i) {
            const double off = std::abs(int(std::uint8_t(a[i])) - int(std::uint8_t(b[i])));
            result.mean += off / static_cast<double>(3 * blocks);
            largest = std::max(largest, off);
        }
        if (largest > kBlockTolerance) result.beyond += 1 / static_cast<double>(blocks);
    }
    return result;
}

void looks_as_before(const std::string& name, const ScreenshotOptions& options) {
    const std::string now = blocks_of(screenshot(options));
    const std::filesystem::path seen = ALLUVIUM_SOURCE_DIR "/build/golden-views";
    std::filesystem::create_directories(seen);
    std::ofstream(seen / (name + ".ppm"), std::ios::binary) << now;
    const std::filesystem::path golden = ALLUVIUM_SOURCE_DIR "/tests/golden/views/" + name + ".ppm";
    INFO(name);
    CHECK(std::filesystem::exists(golden));
    if (!std::filesystem::exists(golden)) return;
    const Difference off = difference(read_file(golden), now);
    CHECK(off.mean < kMeanTolerance);
    CHECK(off.beyond < kBlocksBeyond);
}

struct Traces {
    TemporaryFolder folder;
    std::string a = write_language_trace(folder / "planted-a.h5");
    std::string b = write_language_trace(
        folder / "planted-b.h5",
        {.languages = LanguageTrace().languages, .checkpoint_id = "bbbb", .seed = 7, .pull = 0.2});

    ScreenshotOptions options() const {
        return {.paths = {a},
                .width = kWidth,
                .height = kHeight,
                .selection = {.layer = 6, .expert = 2, .group = "hi"},
                .prompt = 2};
    }
};

}  // namespace

TEST_CASE("Every view looks as it did when it was last looked at", "[ui]") {
    const Traces traces;
    for (const char* view : {kHeatmap, kCircuit, kDivergence, kTokens, kSearch, kIntervene, kPairs,
                             kTrain, kEvaluate}) {
        ScreenshotOptions options = traces.options();
        options.front = view;
        std::string name = view;
        for (char& c : name) c = c == ' ' ? '-' : static_cast<char>(std::tolower(c));
        looks_as_before(name, options);
    }
}

TEST_CASE("The dark theme and the comparison look as they did when last looked at", "[ui]") {
    const Traces traces;
    ScreenshotOptions options = traces.options();
    options.dark = true;
    looks_as_before("dark", options);
    options.dark = false;
    options.paths = {traces.a, traces.b};
    looks_as_before("compare", options);
}

TEST_CASE("A view without its picture, in the other theme or with another map is told apart",
          "[ui]") {
    const Traces traces;
    ScreenshotOptions options = traces.options();
    const std::string map = blocks_of(screenshot(options));
    CHECK(difference(map, blocks_of(screenshot(options))).mean == 0);
    options.front = kCircuit;
    CHECK(difference(map, blocks_of(screenshot(options))).beyond > kBlocksBeyond);
    options = traces.options();
    options.paths = {traces.b};
    CHECK(difference(map, blocks_of(screenshot(options))).beyond > kBlocksBeyond);
    options = traces.options();
    options.dark = true;
    CHECK(difference(map, blocks_of(screenshot(options))).mean > kMeanTolerance);
}

// Every figure of the example captures as a person gets it, left in build/screenshots for eyes
// beside the pictures of the workbench. Here only: it was drawn, and holds more than a blank page.
#include <algorithm>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/files.h"
#include "captures/routing_trace.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using test::quoted;
using test::run_program;

namespace fs = std::filesystem;

namespace {

// The specimen's among them.
std::vector<fs::path> example_captures() {
    std::vector<fs::path> traces;
    for (const auto& entry : fs::directory_iterator(ALLUVIUM_SOURCE_DIR "/captures/examples")) {
        if (entry.path().extension() == ".h5") traces.push_back(entry.path());
    }
    std::ranges::sort(traces);
    return traces;
}

void draw(const fs::path& trace, const std::string& figure, const std::string& style = {}) {
    // build/screenshots, whichever build folder this is.
    const fs::path pictures = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    fs::create_directories(pictures);
    const fs::path picture = pictures / ("figure-" + figure + (style.empty() ? "" : "-" + style) +
                                         "-" + trace.stem().string() + ".png");
    fs::remove(picture);
    const auto drawn =
        run_program("render " + figure + " " + quoted(trace) + " -o " + quoted(picture) +
                    (style.empty() ? "" : " --style " + style) + " -q --scale 1");
    INFO(picture.filename().string() << "\n" << drawn.errors);
    REQUIRE(drawn.exit_code == 0);
    // A title and one sentence are 5 kB: what a trace of counts gives for a circuit.
    CHECK(fs::file_size(picture) > 3'000);
}

}  // namespace

TEST_CASE("every figure of every example capture is pictured", "[model]") {
    for (const fs::path& trace : example_captures()) {
        INFO(trace.filename().string());
        const TracePtr opened = open_trace(trace.string());
        if (opened->layers().empty()) {  // of a dense model
            draw(trace, "stream");
            continue;
        }
        draw(trace, "heatmap");
        draw(trace, "heatmap", "talk");
        draw(trace, "divergence");
        draw(trace, "circuit");
        draw(trace, "load");
        draw(trace, "similarity");
        if (opened->header().kind == TraceKind::tokens) draw(trace, "tokens");
    }
}

TEST_CASE("The difference of two traces is drawn and carries A - B", "[model]") {
    const test::TemporaryFolder folder;
    const fs::path examples = ALLUVIUM_SOURCE_DIR "/captures/examples";
    const fs::path csv = folder / "d.csv", svg = folder / "d.svg";
    const auto drawn = run_program("render difference " +
                                   quoted(examples / "specimen-hybrid-k.h5") + " " +
                                   quoted(examples / "specimen-top-k.h5") + " -o " + quoted(svg) +
                                   " --data " + quoted(csv) + " --groups fr,ar -q");
    INFO(drawn.errors);
    REQUIRE(drawn.exit_code == 0);
    CHECK(read_file(csv).find("A - B") != std::string::npos);
    CHECK(run_program("render difference " + quoted(examples / "specimen-top-k.h5") + " -o x.svg")
              .exit_code == 2);
}

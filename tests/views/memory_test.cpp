// Opening and closing leaves nothing behind.
#include <catch2/catch_test_macros.hpp>
#include <malloc.h>

#include "tests/support/language_trace.h"
#include "tests/views/driver.h"

using namespace alluvium;

namespace {

// Bytes that the program holds, whatever the allocator keeps back for later.
double held() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

}  // namespace

TEST_CASE("Opening and closing twenty captures does not grow memory", "[ui]") {
    test::Driver driver;
    const auto open_and_close = [&](int round) {
        test::LanguageTrace plan;
        plan.seed = static_cast<std::uint64_t>(round);
        const std::string name = "t" + std::to_string(round) + ".h5";
        const std::string path = test::write_language_trace(driver.folder() / name, plan);
        driver.open(path);
        REQUIRE(driver.session().documents().trace(path) != nullptr);
        driver.session().close(path);
        driver.workbench().settle();
        // What a software OpenGL keeps of frames that it has not drawn yet is not ours.
        driver.workbench().pixels();
        std::filesystem::remove(path);
    };
    // Fonts, docking and the list of recent files fill in the first rounds.
    for (int round = 0; round < 14; ++round) open_and_close(round);
    const double before = held();
    for (int round = 14; round < 34; ++round) open_and_close(round);
    // Twenty captures with their analyses and pictures would be a hundred MB; what allocator and
    // driver keep moves by one or two.
    CHECK(held() - before < 5e6);
}

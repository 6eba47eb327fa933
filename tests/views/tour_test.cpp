#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/overlays.h"
#include "app/views/view.h"
#include "tests/support/language_trace.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;
using alluvium::test::LanguageTrace;
using alluvium::test::write_language_trace;

TEST_CASE("The guided tour leads through its stops, compares with the sibling and ends for good",
          "[ui]") {
    Driver driver;
    driver.open(write_language_trace(driver.folder() / "specimen.h5"));
    LanguageTrace sibling;
    sibling.checkpoint_id = "bbbb";
    const std::string other = write_language_trace(driver.folder() / "specimen-top-k.h5", sibling);
    driver.session().open(other, ShowAs::nothing);
    driver.workbench().settle();
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.MenuClick("//##MainMenuBar/Help/Guided tour");
        for (int stop = 0; stop < kTourStops; ++stop) {
            IM_CHECK_EQ(driver.workbench().shell().state().tour, stop);
            c.ItemClick("//###tour/###next");
            c.Yield(2);
        }
    }));
    CHECK(driver.workbench().shell().state().tour == -1);
    CHECK(driver.session().settings().toured);
    CHECK(driver.session().view().b == other);
    CHECK(read_settings(driver.folder() / "config").toured);
}

TEST_CASE("The guided tour is left with its cross", "[ui]") {
    Driver driver;
    driver.open(write_language_trace(driver.folder() / "specimen.h5"));
    driver.workbench().shell().state().tour = 1;
    driver.workbench().settle();
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(driver.workbench().pixels(), folder / "workbench-tour.png");
    CHECK(driver.run([&](ImGuiTestContext& c) { c.WindowClose("//###tour"); }));
    CHECK(driver.workbench().shell().state().tour == -1);
    CHECK(driver.session().settings().toured);
}

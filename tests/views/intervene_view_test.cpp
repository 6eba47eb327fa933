// A change of the routing from the window, by the program itself on the specimen.
#include <chrono>
#include <fstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;

TEST_CASE("An expert is ablated from where it was selected, beside random controls", "[ui]") {
    Driver driver(model_services());
    // Six sentences, so that it takes seconds.
    const std::string texts = driver.folder() / "texts.tsv";
    std::ofstream(texts) << "text\tlanguage\tgroup\n"
                            "Où avez-vous mal ?\tfr\t1\nأين يؤلمك؟\tar\t1\n"
                            "Le médecin arrive.\tfr\t2\nالطبيب قادم.\tar\t2\n"
                            "Il fait beau.\tfr\t3\nالجو جميل.\tar\t3\n";
    driver.session().choose_prompts({.set = texts});
    driver.open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
    driver.session().select({.layer = 7, .expert = 4, .group = "fr"});
    driver.workbench().shell().state().bring_to_front = {kIntervene};
    driver.workbench().settle();
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Intervene/##form").ID);
        c.ItemClick("###add");
        c.ItemInputValue("random controls", 2);
        c.ItemClick("Measure the effect");
        while (driver.session().jobs().busy()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            c.Yield();
        }
    }));
    for (const Message& message : driver.session().messages()) UNSCOPED_INFO(message.text());
    CHECK(driver.session().messages().empty());
    REQUIRE(driver.session().interventions().documents().size() == 1);
    const InterventionFile& file = *driver.session().interventions().documents()[0].file;
    CHECK(file.name() == "reroute 7:4");
    CHECK(file.languages.size() == 2);
    CHECK(file.sentences.size() >= 1);
    CHECK(file.languages[0].controls == 2);
    driver.workbench().settle();
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(driver.workbench().pixels(), folder / "workbench-intervene.png");
}

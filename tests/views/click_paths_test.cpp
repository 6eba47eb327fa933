// The first five things a new user wants to know, each within five actions from the start, with the
// picture that docs/guide.md shows. An action is a click, a shortcut or a line that is typed.
#include <chrono>
#include <cmath>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "base/files.h"
#include "tests/views/places.h"

using namespace alluvium;
using alluvium::test::canvas_of;
using alluvium::test::Driver;
using alluvium::test::place_of;

namespace {

constexpr int kMostActions = 5;
constexpr int kLastLayer = 7;

// The workbench as it starts: the specimen, its trace, and the sibling beside it.
class FirstStart {
  public:
    FirstStart() : driver_(model_services(), {.width = 1280, .height = 800}) {
        driver_.open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
        driver_.open(ALLUVIUM_SOURCE_DIR "/captures/examples/specimen-hybrid-k.h5");
        driver_.session().open(ALLUVIUM_SOURCE_DIR "/captures/examples/specimen-top-k.h5",
                               ShowAs::nothing);
        driver_.session().choose_default_prompts();
        driver_.workbench().settle();
    }

    Session& session() { return driver_.session(); }
    std::string in_folder(const char* name) { return driver_.folder() / name; }

    // `steps` are given the test engine; true where every widget was there and at most five actions
    // were taken.
    bool walk(const std::function<void()>& steps) {
        const bool found = driver_.run([&](ImGuiTestContext& c) {
            context_ = &c;
            steps();
        });
        for (const Message& message : session().messages()) UNSCOPED_INFO(message.text());
        CHECK(session().messages().empty());
        CHECK(actions_ <= kMostActions);
        return found;
    }

    void click(const char* widget) {
        ++actions_;
        context_->ItemClick(widget);
        wait();
    }
    // In the list that has just been opened.
    void click_in_list(const char* entry) {
        ++actions_;
        context_->SetRef("//$FOCUSED");
        context_->ItemClick(entry);
        context_->SetRef("");
        wait();
    }
    // Closes an open list.
    void click_beside() {
        ++actions_;
        context_->MouseMoveToPos({640, 790});
        context_->MouseClick(0);
        wait();
    }
    void type(const char* widget, const std::string& line) {
        ++actions_;
        context_->ItemInputValue(widget, line.c_str());
        wait();
    }
    void click_b_beside(const std::string& trace) {
        ++actions_;
        for (const TraceDocument& document : session().documents().traces()) {
            if (document.name != trace) continue;
            std::string id;  // its slashes are part of a name
            for (const char c : document.id) id += c == '/' ? "\\/" : std::string(1, c);
            context_->ItemClick(("//Project/" + id + "/B").c_str());
        }
        wait();
    }
    void press(ImGuiKeyChord keys) {
        ++actions_;
        context_->KeyPress(keys);
        wait();
    }
    void click_cell(int layer, int expert, const std::string& group, int button) {
        ++actions_;
        const auto wanted = [&](const Datum& d) {
            return d.kind == "cell" && d.layer == layer && d.expert == expert && d.group == group;
        };
        const FigurePtr figure = session().results().shown("heat map");
        const auto at = place_of(*figure, {}, canvas_of(*context_, "heatmap"), wanted);
        IM_CHECK(at.has_value());
        context_->MouseMoveToPos(*at);
        context_->MouseClick(button);
        wait();
    }

    // For the guide; the pointer is out of the way.
    void take(const std::string& name, const char* front = nullptr) {
        if (front != nullptr) driver_.workbench().shell().state().bring_to_front = {front};
        driver_.workbench().settle();
        const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
        std::filesystem::create_directories(folder);
        save_png(driver_.workbench().pixels(), folder / ("path-" + name + ".png"));
    }

  private:
    void wait() {
        context_->Yield(4);
        while (session().jobs().busy()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            context_->Yield();
        }
        context_->Yield(4);
    }

    Driver driver_;
    ImGuiTestContext* context_ = nullptr;
    int actions_ = 0;
};

std::size_t group_of(const Analysis& analysis, const std::string& label) {
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        if (analysis.groups[g].label == label) return g;
    }
    FAIL("no group " << label);
    return 0;
}

int favourite(const Analysis& analysis, int layer, const std::string& language) {
    const std::size_t group = group_of(analysis, language);
    const LayerAnalysis& at = analysis.layers[static_cast<std::size_t>(layer)];
    std::size_t best = 0;
    for (std::size_t e = 1; e < 12; ++e) {
        if (at.share(group, e) > at.share(group, best)) best = e;
    }
    return static_cast<int>(best);
}

}  // namespace

TEST_CASE("Five actions show where French and Arabic differ most", "[ui]") {
    FirstStart start;
    // By hand: the cell whose two shares lie furthest apart.
    const AnalysisPtr analysis = start.session().analysis(start.session().view().a).result;
    const std::size_t fr = group_of(*analysis, "fr"), ar = group_of(*analysis, "ar");
    double most = 0;
    Selection expected;
    for (const LayerAnalysis& layer : analysis->layers) {
        for (int e = 0; e < 12; ++e) {
            const double more = layer.share(fr, std::size_t(e)) - layer.share(ar, std::size_t(e));
            if (std::abs(more) <= most) continue;
            most = std::abs(more);
            expected = {.layer = layer.layer, .expert = e, .group = more > 0 ? "fr" : "ar"};
        }
    }
    const std::string row = "//Largest differences/**/layer " + std::to_string(expected.layer) +
                            ", expert " + std::to_string(expected.expert);
    CHECK(start.walk([&] {
        start.click("//Heat map/###groups");
        start.click("//**/only##fr");
        start.click_in_list("Arabic (ar)");
        start.click_beside();
        start.click(row.c_str());
    }));
    CHECK(start.session().view().selection == expected);
    start.take("differ");
}

TEST_CASE("One click names the expert that French uses most and its top tokens", "[ui]") {
    FirstStart start;
    const int expert =
        favourite(*start.session().analysis(start.session().view().a).result, kLastLayer, "fr");
    CHECK(start.walk([&] { start.click_cell(kLastLayer, expert, "fr", 0); }));
    const Answer<LayerExperts> answer = start.session().selected_experts();
    REQUIRE(answer.current);
    const ExpertVocabulary& words = answer.result->vocabulary[std::size_t(expert)];
    CHECK(words.expert == expert);
    CHECK(words.tokens.size() >= 3);
    start.take("expert");
}

TEST_CASE("Three actions tell whether French needs an expert more than it needs others", "[ui]") {
    FirstStart start;
    const int expert =
        favourite(*start.session().analysis(start.session().view().a).result, kLastLayer, "fr");
    CHECK(start.walk([&] {
        start.click_cell(kLastLayer, expert, "fr", 1);
        start.click("//**/Ablate it...");
        start.click("//**/Measure the effect");
    }));
    REQUIRE(start.session().interventions().documents().size() == 1);
    const InterventionFile& effect = *start.session().interventions().documents()[0].file;
    CHECK(effect.name() == "reroute 7:" + std::to_string(expert));
    CHECK(effect.sentences.size() >= 1);
    for (const EffectOnLanguage& language : effect.languages) CHECK(language.controls == 10);
    start.take("needed", kIntervene);
}

TEST_CASE("One action compares two checkpoints", "[ui]") {
    FirstStart start;
    CHECK(start.walk([&] { start.click_b_beside("specimen-top-k"); }));
    CHECK(start.session().view().b.ends_with("specimen-top-k.h5"));
    CHECK(start.session().view().layout == Layout::compare);
    start.take("compare", kCompare);
}

TEST_CASE("Two actions save a picture for a paper", "[ui]") {
    FirstStart start;
    const std::string path = start.in_folder("routing.pdf");
    CHECK(start.walk([&] {
        start.press(ImGuiMod_Ctrl | ImGuiKey_E);
        start.type("//###path window/##path", path);
    }));
    CHECK(read_file(path).starts_with("%PDF"));
}

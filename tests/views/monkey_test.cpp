// A monkey at the workbench: seeded random clicks, keys, wheels, drags, resizes, openings and
// closings. Nothing it does may crash, hang or lose what is open. ALLUVIUM_MONKEY sets the number
// of actions (the tests' is small; ten thousand under the sanitizers find more),
// ALLUVIUM_MONKEY_SEED another monkey.
#include <cstdlib>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "app/views/actions.h"
#include "base/files.h"
#include "tests/support/language_trace.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;

namespace {

int from_environment(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

class Monkey {
  public:
    Monkey(Driver& driver, unsigned seed) : driver_(driver), random_(seed) {
        test::LanguageTrace plan;
        plan.checkpoint_id = "aaaa";
        good_.push_back(test::write_language_trace(driver.folder() / "one.h5", plan));
        plan.seed = 2;
        good_.push_back(test::write_language_trace(driver.folder() / "two.h5", plan));
        const std::string bytes = read_file(good_.front());
        bad_ = {driver.folder() / "absent.h5", driver.folder() / "cut.h5",
                driver.folder() / "broken.alluvium.json", driver.folder() / "empty", "/dev/null"};
        write_file_atomically(bad_[1], bytes.substr(0, bytes.size() / 2));
        write_file_atomically(bad_[2], R"({"alluvium_session": 1, "view": {"a": 7)");
        std::filesystem::create_directories(bad_[3]);
    }

    void act() {
        ImGuiIO& io = ImGui::GetIO();
        // A monkey that saves would write outside its folder: dialogs live for one action.
        driver_.workbench().shell().state().picker = FilePicker();
        driver_.workbench().shell().state().picker.use_native(false);
        switch (below(14)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return click(io, below(5) == 0 ? 1 : 0);
            case 4:
                return drag(io);
            case 5:
                io.AddMouseWheelEvent(0, below(2) == 0 ? 1.0F : -1.0F);
                return frames(1);
            case 6:
            case 7:
                return action(io);
            case 8:
                return key(io);
            case 9:
                return type(io);
            case 10:
                return driver_.workbench().resize(320 + below(1700), 240 + below(1000));
            case 11:
                driver_.session().open(any(below(3) == 0 ? bad_ : good_));
                return frames(1 + below(4));
            case 12:
                return close();
            default:
                driver_.workbench().settle();
        }
    }

  private:
    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    const std::string& any(const std::vector<std::string>& names) {
        return names[static_cast<std::size_t>(below(static_cast<int>(names.size())))];
    }
    void frames(int n) {
        while (n-- > 0) driver_.workbench().frame();
    }
    ImVec2 somewhere(const ImGuiIO& io) {
        return {static_cast<float>(below(static_cast<int>(io.DisplaySize.x))),
                static_cast<float>(below(static_cast<int>(io.DisplaySize.y)))};
    }
    void go(ImGuiIO& io) {
        const ImVec2 at = somewhere(io);
        io.AddMousePosEvent(at.x, at.y);
        frames(1);
    }
    void click(ImGuiIO& io, int button) {
        go(io);
        for (int i = below(6) == 0 ? 2 : 1; i > 0; --i) {
            io.AddMouseButtonEvent(button, true);
            frames(1);
            io.AddMouseButtonEvent(button, false);
            frames(1);
        }
    }
    void drag(ImGuiIO& io) {
        const bool shift = below(3) == 0;
        go(io);
        if (shift) io.AddKeyEvent(ImGuiMod_Shift, true);
        io.AddMouseButtonEvent(0, true);
        frames(1);
        go(io);
        go(io);
        io.AddMouseButtonEvent(0, false);
        if (shift) io.AddKeyEvent(ImGuiMod_Shift, false);
        frames(1);
    }
    // By its keys, from wherever the keyboard is.
    void action(ImGuiIO& io) {
        const auto all = actions();
        const Action& chosen = all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
        if (chosen.keys == ImGuiKey_None || std::string_view(chosen.id) == "quit") return;
        const auto press = [&](bool down) {
            for (const ImGuiKey modifier : {ImGuiMod_Ctrl, ImGuiMod_Shift}) {
                if (chosen.keys & modifier) io.AddKeyEvent(modifier, down);
            }
            io.AddKeyEvent(static_cast<ImGuiKey>(chosen.keys & ~ImGuiMod_Mask_), down);
        };
        press(true);
        frames(1);
        press(false);
        frames(2);
    }
    void key(ImGuiIO& io) {
        constexpr ImGuiKey kKeys[] = {ImGuiKey_Escape,     ImGuiKey_Enter,    ImGuiKey_Tab,
                                      ImGuiKey_LeftArrow,  ImGuiKey_UpArrow,  ImGuiKey_DownArrow,
                                      ImGuiKey_RightArrow, ImGuiKey_Space,    ImGuiKey_LeftBracket,
                                      ImGuiKey_Backspace,  ImGuiKey_PageDown, ImGuiKey_F1};
        const ImGuiKey pressed = kKeys[below(std::size(kKeys))];
        io.AddKeyEvent(pressed, true);
        frames(1);
        io.AddKeyEvent(pressed, false);
        frames(1);
    }
    void type(ImGuiIO& io) {
        constexpr const char* kTexts[] = {"L1:E2", "fr", "نص",   "हिन्दी", "ไทย",
                                          "中文",  "'",  "%s%n", "1e999", "-1"};
        io.AddInputCharactersUTF8(kTexts[below(std::size(kTexts))]);
        frames(1);
    }
    void close() {
        const auto& traces = driver_.session().documents().traces();
        if (!traces.empty()) driver_.session().close(traces.front().id);
        frames(1);
    }

    Driver& driver_;
    std::mt19937 random_;
    std::vector<std::string> good_, bad_;
};

}  // namespace

TEST_CASE("A monkey at the workbench does not break it", "[ui]") {
    Driver driver;
    const int actions = from_environment("ALLUVIUM_MONKEY", 300);
    Monkey monkey(driver, static_cast<unsigned>(from_environment("ALLUVIUM_MONKEY_SEED", 1)));
    for (int i = 0; i < actions; ++i) {
        CAPTURE(i);
        monkey.act();
    }
    // It still does what it is for.
    driver.workbench().resize(1600, 1000);
    driver.session().change_view("all", [](ViewState& view) { view = {}; });
    test::LanguageTrace plan;
    const std::string path = test::write_language_trace(driver.folder() / "last.h5", plan);
    driver.open(path);
    CHECK(driver.session().documents().trace(path) != nullptr);
    CHECK(driver.session().analysis(path).result);
}

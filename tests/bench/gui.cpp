#include "tests/bench/gui.h"

#include <algorithm>

#include "app/painters/text.h"
#include "app/views/offscreen_workbench.h"
#include "app/views/view.h"
#include "tests/analysis/planted_trace.h"
#include "tests/bench/measure.h"
#include "tests/bench/options.h"

namespace alluvium::bench {
namespace {

struct View {
    const char* title;
    const char* camera;
};
constexpr View kMeasured[] = {
    {kHeatmap, "heatmap"}, {kDivergence, "divergence"}, {kCircuit, "circuit"}, {kTokens, "tokens"}};

Json summary(std::vector<double> seconds) {
    std::ranges::sort(seconds);
    const auto at = static_cast<std::size_t>(0.99 * static_cast<double>(seconds.size() - 1));
    return {{"median", median(seconds)}, {"p99", seconds[at]}};
}

// `change` before every frame; the first is left out.
template <typename Change>
Json frames(OffscreenWorkbench& workbench, int count, const Change& change) {
    std::vector<double> seconds;
    for (int i = 0; i <= count; ++i) {
        change(i);
        workbench.frame();
        if (i > 0) seconds.push_back(workbench.interface_seconds());
    }
    return summary(std::move(seconds));
}

Json measure_view(OffscreenWorkbench& workbench, const View& view, int count) {
    workbench.shell().state().bring_to_front = {view.title};
    workbench.settle();
    const auto zoom = [&](int i) {
        workbench.session().change_view(
            "zoom", [&](ViewState& v) { v.cameras[view.camera].zoom = 1 + 0.01 * (i % 50); },
            "zoom");
    };
    Json result = {{"still", frames(workbench, count, [](int) {})},
                   {"moving", frames(workbench, count, zoom)}};
    workbench.session().change_view("fit", [&](ViewState& v) { v.cameras.clear(); });
    return result;
}

// Frames of the heat map and the circuit while the specimen runs prompts in the background, as
// often as that takes.
Json measure_during_capture(OffscreenWorkbench& workbench) {
    workbench.session().open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
    workbench.session().choose_prompts({.set = ALLUVIUM_SOURCE_DIR "/assets/prompts/majors.tsv"});
    workbench.settle();
    Json result;
    for (const char* view : {kHeatmap, kCircuit}) {
        workbench.shell().state().bring_to_front = {view};
        workbench.settle();
        workbench.session().run();
        std::vector<double> seconds;
        while (workbench.session().jobs().busy() && seconds.size() < 2000) {
            workbench.frame();
            seconds.push_back(workbench.interface_seconds());
        }
        workbench.settle();
        const std::size_t count = seconds.size();
        result[view] = summary(std::move(seconds));
        result[view]["frames"] = count;
    }
    return result;
}

}  // namespace

Json gui(const std::vector<std::string>& words) {
    const Options options(words, {{"--layers", true},
                                  {"--experts", true},
                                  {"--languages", true},
                                  {"--prompts", true},
                                  {"--frames", true},
                                  {"--width", true},
                                  {"--height", true}});
    test::PlantedTrace plan;
    plan.layers = static_cast<std::size_t>(options.count("--layers", 48));
    plan.experts = static_cast<std::uint32_t>(options.count("--experts", 128));
    plan.languages = static_cast<std::size_t>(options.count("--languages", 12));
    plan.groups = static_cast<std::size_t>(options.count("--prompts", 40));
    plan.top_k = 8;
    plan.pull = [](double depth) { return 0.8 * depth; };
    const std::filesystem::path folder = options.positional();
    const std::string trace = (folder / "alluvium-bench-gui.h5").string();
    write_trace(test::planted_data(plan), trace);

    OffscreenWorkbench::Options window;
    window.width = options.count("--width", 1920);
    window.height = options.count("--height", 1080);
    OffscreenWorkbench workbench(Environment{.model = model_services(),
                                             .folders = user_folders_in(folder),
                                             .text_meter = pango_meter},
                                 window);
    workbench.session().open(trace);
    workbench.settle();
    std::filesystem::remove(trace);
    Json result = {{"cells", plan.layers * plan.experts * (plan.languages + 1)}};
    for (const View& view : kMeasured) {
        result[view.title] = measure_view(workbench, view, options.count("--frames", 200));
    }
    result["during a capture"] = measure_during_capture(workbench);
    return result;
}

}  // namespace alluvium::bench

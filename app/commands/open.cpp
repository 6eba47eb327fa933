#include <algorithm>
#include <filesystem>
#include <iostream>

#include "analysis/analyze.h"
#include "analysis/figures/circuit_figure.h"
#include "analysis/figures/divergence_figure.h"
#include "analysis/figures/heatmap_figure.h"
#include "app/commands/command.h"
#include "app/painters/cairo_painter.h"
#include "base/assets.h"
#include "base/error.h"
#include "captures/languages.h"
#include "model/specimen/specimen.h"
#ifdef ALLUVIUM_GUI
#include "app/views/screenshot.h"
#include "app/views/workbench.h"
#endif

namespace alluvium {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::vector<std::string> paths;
    std::string screenshot;
    std::string pictures = "alluvium-pictures";
    std::string layout;
    bool dark = false;
};

// What a first start shows.
std::vector<std::string> first_paths() {
    return {specimen_folder().string(), specimen_trace().string()};
}

#ifdef ALLUVIUM_GUI
// Real routing to look at next.
std::vector<std::string> example_captures() {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(find_asset("captures/examples"))) {
        const bool shown = entry.path() == specimen_trace();
        if (entry.path().extension() == ".h5" && !shown) paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}
#endif

// For a machine without a display: the first pictures as files.
void write_pictures(const Options& options) {
    const fs::path folder = options.pictures;
    fs::create_directories(folder);
    note("no display here: writing the specimen's pictures to '" + folder.string() + "'");
    const TracePtr trace = open_trace(specimen_trace().string());
    Progress progress;
    AnalysisOptions analysing;
    analysing.circuit = CircuitOptions{};
    const Analysis analysis = analyze(*trace, analysing, progress);
    const Theme theme = options.dark ? dark_theme() : light_theme();
    const TextMeter meter = pango_meter();
    const std::vector<GroupLook> looks = group_looks(analysis, LanguageTable::instance());
    const std::pair<std::string, Figure> figures[] = {
        {"heatmap.svg", heatmap_figure(analysis, {.looks = looks}, theme, meter)},
        {"divergence.svg", divergence_figure(analysis, {.looks = looks}, theme, meter)},
        {"circuit.svg", circuit_figure(analysis, {.looks = looks}, theme, meter)},
    };
    for (const auto& [name, figure] : figures) {
        save_figure(figure, folder / name);
        std::cout << (folder / name).string() << ": " << figure.title << '\n';
    }
    std::cout << "this is " << specimen_folder().filename().string() << ": " << analysis.verdict.sentence
              << '\n';
}

#ifdef ALLUVIUM_GUI
void open_window(const Options& options, const std::vector<std::string>& paths) {
    if (!options.screenshot.empty()) {
        ScreenshotOptions picture{.paths = paths, .dark = options.dark};
        if (!options.layout.empty()) picture.layout = parse_layout(options.layout);
        save_screenshot(picture, options.screenshot);
        std::cout << options.screenshot << '\n';
        return;
    }
    if (has_display()) {
        const bool first = options.paths.empty();
        run_workbench({.paths = paths,
                       .listed = first ? example_captures() : std::vector<std::string>(),
                       .tour = first});
    } else if (options.paths.empty()) {
        write_pictures(options);
    } else {
        throw UserError("no display: the workbench cannot open a window here",
                        "--screenshot F.png draws it to a file; 'alluvium render' draws figures");
    }
}
#else
void open_window(const Options& options, const std::vector<std::string>&) {
    if (options.paths.empty() && options.screenshot.empty()) {
        write_pictures(options);
        return;
    }
    throw UserError("this alluvium was built without the workbench",
                    "configure with -DALLUVIUM_GUI=ON; 'alluvium render' draws figures");
}
#endif

void run(const Options& options) {
    open_window(options, options.paths.empty() ? first_paths() : options.paths);
}

}  // namespace

void add_open(CLI::App& program) {
    auto* command = program.add_subcommand(
        "open", "The workbench on checkpoints, traces or session files (no path: the specimen)");
    const auto options = std::make_shared<Options>();
    command->add_option("PATH", options->paths, "Checkpoint folders, traces (.h5), sessions (.alluvium.json)");
    command->add_option("--screenshot", options->screenshot,
                        "Draw the workbench to this PNG instead of opening a window");
    command->add_option("--pictures", options->pictures,
                        "Where the specimen's figures go on a machine without a display")
        ->capture_default_str();
    command
        ->add_option("--layout", options->layout, "Of the screenshot; default: what suits the paths")
        ->check(CLI::IsMember({"explore", "compare", "circuit", "train"}))
        ->needs("--screenshot");
    command->add_flag("--dark", options->dark, "Light on dark");
    set_examples(*command, "  alluvium open\n"
                           "  alluvium open ~/models/Apollo-MoE-0.5B apollo.h5\n"
                           "  alluvium open before.h5 after.h5 --screenshot compare.png");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include <filesystem>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "captures/import/importers.h"

namespace alluvium {
namespace {

struct Options {
    std::string format, output;
    ImportRequest request;
    bool overwrite = false;
};

void run(const Options& options) {
    const Importer& importer = find_importer(options.format);
    if (!options.overwrite && std::filesystem::exists(options.output)) {
        throw UserError("'" + options.output + "' exists", "--overwrite replaces it");
    }
    TraceData data = importer.run(options.request);
    data.header.provenance["command"] = command_line();
    write_trace(data, options.output);
    for (const std::string& warning : data.header.warnings) note("note: " + warning);
    const std::size_t groups = data.header.groups.label.size();
    std::cout << options.output << ": " << data.header.layers.size() << " routed layers, "
              << (data.header.kind == TraceKind::counts
                      ? std::to_string(groups) + " groups (counts)"
                      : std::to_string(data.header.token_count) + " tokens")
              << '\n';
}

}  // namespace

void add_import(CLI::App& program) {
    auto* command = program.add_subcommand("import", "Turn another tool's routing trace into a trace file");
    const auto options = std::make_shared<Options>();
    std::string formats;
    for (const Importer& importer : importers()) {
        formats += "\n  " + std::string(importer.format) + ": " + std::string(importer.description);
    }
    command->add_option("FORMAT", options->format, "One of:" + formats)->required();
    command->add_option("FILE", options->request.files, "Files of that format")->required();
    command->add_option("-o,--output", options->output, "The trace file to write (.h5)")->required();
    command->add_option("--config", options->request.config,
                        "The model's config.json or checkpoint folder: experts, top-k, routed layers");
    command->add_flag("--overwrite", options->overwrite, "Replace an existing file");
    set_examples(*command,
                 "  alluvium import counts-json mgsm_en.json mgsm_sw.json mgsm_zh.json \\\n"
                 "      --config ~/models/Qwen3-30B-A3B -o mgsm.h5");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

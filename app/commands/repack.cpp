#include "captures/repack.h"

#include <iostream>
#include <memory>

#include "app/commands/command.h"
#include "base/files.h"

namespace alluvium {
namespace {

struct Options {
    std::string trace, output;
    bool overwrite = false;
    JsonOption json;
};

void run(const Options& options) {
    RepackResult result;
    {
        Progress progress;
        const ProgressLine line(progress, "packing", "bytes");
        result = repack_trace(options.trace, options.output, options.overwrite, progress);
    }
    options.json.write({{"path", options.output},
                        {"bytes_before", result.bytes_before},
                        {"bytes_after", result.bytes_after}});
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": " << human_bytes(result.bytes_after) << " instead of "
              << human_bytes(result.bytes_before) << '\n';
}

}  // namespace

void add_repack(CLI::App& program) {
    auto* command = program.add_subcommand(
        "repack", "A compressed copy of a trace for archives, read like the original");
    const auto options = std::make_shared<Options>();
    command->add_option("TRACE", options->trace, "Trace file (.h5)")->required();
    command->add_option("-o,--output", options->output, "The copy")->required();
    command->add_flag("--overwrite", options->overwrite, "Replace an existing file");
    options->json.add_to(*command);
    set_examples(*command, "  alluvium repack apollo.h5 -o apollo-packed.h5");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

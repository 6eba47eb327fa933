#include "model/convert/convert.h"

#include <iostream>

#include "app/commands/command.h"
#include "base/files.h"

namespace alluvium {
namespace {

struct Options {
    std::string folder, output, adapter;
    double shard_gigabytes = 4;
    ConvertOptions convert;
    JsonOption json;
};

void run(const Options& options) {
    ConvertOptions converting = options.convert;
    converting.adapter = options.adapter;
    converting.shard_bytes = static_cast<std::uint64_t>(options.shard_gigabytes * 1e9);
    ConvertSummary summary;
    {
        Progress progress;
        const ProgressLine line(progress, "converting", "bytes");
        summary = convert(options.folder, options.output, converting, progress);
    }
    for (const std::string& name : summary.left_out) {
        note("note: '" + name + "' is the embedding once more and is left out, as the config says");
    }
    options.json.write({{"checkpoint", options.output},
                        {"tensors", summary.tensors},
                        {"bytes", summary.bytes},
                        {"shards", summary.shards},
                        {"changed_by_adapter", summary.changed},
                        {"left_out", summary.left_out}});
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": " << summary.tensors << " tensors, "
              << human_bytes(summary.bytes);
    if (!options.adapter.empty()) std::cout << ", " << summary.changed << " changed by the adapter";
    std::cout << '\n';
}

}  // namespace

void add_convert(CLI::App& program) {
    auto* command = program.add_subcommand(
        "convert", "Bring pickled weights, or a base with its LoRA adapter, into safetensors");
    const auto options = std::make_shared<Options>();
    command->add_option("DIR", options->folder, "Folder of the checkpoint")->required();
    command->add_option("-o,--output", options->output, "Folder to write")->required();
    command->add_option("--adapter", options->adapter,
                        "Folder of a PEFT LoRA adapter to merge into the weights");
    command->add_option("--shard-size", options->shard_gigabytes, "Gigabytes per file")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--overwrite", options->convert.overwrite, "Replace an existing folder");
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium convert ~/models/JSL-MedPhi2 -o medphi2\n"
                 "  alluvium convert ~/models/Mixtral-8x7B --adapter my-lora -o mixtral-tuned");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include "model/upcycle/upcycle.h"

#include <iostream>

#include "app/commands/command.h"
#include "app/commands/expert_flags.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/upcycle/widen.h"

namespace alluvium {
namespace {

struct Options {
    std::string dense, output;
    std::string dense_width;
    std::vector<std::string> merge;
    std::string merge_rest = "mean";
    double shard_gigabytes = 4;
    ExpertFlags experts;
    JsonOption json;
};

Json summary_json(const UpcycleSummary& summary, const Options& options) {
    return {{"checkpoint", options.output},
            {"layout", summary.layout},
            {"routed_layers", summary.routed},
            {"experts", options.experts.upcycling.experts},
            {"top_k", options.experts.upcycling.top_k},
            {"tensors", summary.tensors},
            {"bytes", summary.bytes},
            {"shards", summary.shards}};
}

void run_widen(const Options& options) {
    const UpcycleOptions& matched = options.experts.upcycling;
    const WidenOptions widening{
        .width = options.dense_width == "active" ? DenseWidth::active : DenseWidth::total,
        .experts = matched.experts,
        .top_k = matched.top_k,
        .layers = matched.layers,
        .seed = matched.seed,
        .shard_bytes = static_cast<std::uint64_t>(options.shard_gigabytes * 1e9),
        .overwrite = matched.overwrite};
    const CheckpointPtr dense = Checkpoint::open(options.dense);
    WidenSummary summary;
    {
        Progress progress;
        const ProgressLine line(progress, "widening", "bytes");
        summary = widen(*dense, options.output, widening, progress);
    }
    options.json.write({{"checkpoint", options.output},
                        {"width_before", summary.width_before},
                        {"width", summary.width},
                        {"bytes", summary.bytes}});
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": dense, feed-forward width " << summary.width_before << " -> "
              << summary.width << ", " << human_bytes(summary.bytes) << '\n';
}

void run(const Options& options) {
    if (!options.dense_width.empty()) return run_widen(options);
    UpcycleOptions upcycling = options.experts.parsed();
    upcycling.merge.assign(options.merge.begin(), options.merge.end());
    upcycling.merged_rest = parse_merged_rest(options.merge_rest);
    upcycling.shard_bytes = static_cast<std::uint64_t>(options.shard_gigabytes * 1e9);
    const CheckpointPtr dense = Checkpoint::open(options.dense);
    UpcycleSummary summary;
    {
        Progress progress;
        const ProgressLine line(progress, "upcycling", "bytes");
        summary = upcycle(*dense, options.output, upcycling, progress);
    }
    if (!upcycling.renormalise && upcycling.top_k < upcycling.experts) {
        note(
            "note: without --renormalise the weights of the chosen experts add up to less than 1, "
            "so the routed layers start out weaker than the dense ones");
    }
    options.json.write(summary_json(summary, options));
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": " << summary.routed.size() << " routed layers of "
              << upcycling.experts << " experts, " << summary.tensors << " tensors, "
              << human_bytes(summary.bytes) << (summary.shards > 1 ? " in shards" : "") << '\n';
}

}  // namespace

void add_upcycle(CLI::App& program) {
    auto* command = program.add_subcommand(
        "upcycle", "Make a Mixture-of-Experts checkpoint of a dense one: every expert a copy");
    const auto options = std::make_shared<Options>();
    UpcycleOptions& upcycling = options->experts.upcycling;
    command->add_option("DENSE", options->dense, "Folder of the dense checkpoint")->required();
    command->add_option("-o,--output", options->output, "Folder to write")->required();
    options->experts.add_to(*command);
    command->add_option("--layers", upcycling.layers, "all, last:N, or a list such as 0,3,5-7")
        ->capture_default_str();
    command->add_flag(
        "--renormalise", upcycling.renormalise,
        "Weights of the chosen experts add up to 1: the result computes what the dense "
        "model computes");
    command->add_option("--layout", upcycling.layout, "Of the result")
        ->check(CLI::IsMember({"auto", "apollo", "qwen2_moe", "qwen3_moe"}))
        ->capture_default_str();
    auto* merge = command
                      ->add_option("--merge", options->merge,
                                   "Models fine-tuned from DENSE: their feed-forward parts are the "
                                   "experts, in turn; a model may be named several times")
                      ->delimiter(',');
    command
        ->add_option("--merge-rest", options->merge_rest,
                     "What is no expert: the mean of the merged models, or DENSE's own")
        ->check(CLI::IsMember({"mean", "base"}))
        ->needs(merge)
        ->capture_default_str();
    command
        ->add_option("--dense-width", options->dense_width,
                     "Write a dense model in place of it, with as many parameters as the experts "
                     "that a token visits (active) or as all of them (total)")
        ->check(CLI::IsMember({"active", "total"}))
        ->excludes(merge);
    command->add_option("--seed", upcycling.seed, "Of routers and new neurons")
        ->capture_default_str();
    command->add_option("--shard-size", options->shard_gigabytes, "Gigabytes per file")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--overwrite", upcycling.overwrite, "Replace an existing folder");
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium upcycle ~/models/Qwen2-0.5B -o moe --experts 12 --top-k 2 "
                 "--experts-by language\n"
                 "  alluvium upcycle ~/models/Qwen2-0.5B -o post-moe --experts 7 --layers last:2 "
                 "--experts-by family\n"
                 "  alluvium upcycle ~/models/Qwen2-0.5B -o same-active --experts 12 --top-k 2 "
                 "--dense-width active\n"
                 "  alluvium upcycle ~/models/Qwen2-0.5B --merge medical,legal,code --experts 3 "
                 "-o branch-train-mix");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include <cstdio>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "app/commands/train_flags.h"
#include "base/error.h"
#include "model/train/initial_weights.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint, output;
    bool from_scratch = false;
    TrainFlags flags;
    JsonOption json;
};

TrainingTexts read_texts(const TrainFlags& flags) {
    if (flags.texts.empty() == flags.train.batches.empty()) {
        throw UserError("training needs either texts or recorded batches",
                        "give --text F... or --batches F.jsonl");
    }
    return flags.read_texts();
}

// With --from-scratch the folder only describes the model; its random weights are step 0 of the
// run.
CheckpointPtr open_source(const Options& options) {
    if (!options.from_scratch) return Checkpoint::open(options.checkpoint);
    const std::filesystem::path initial = options.output + "-step-000000";
    make_initial_checkpoint(options.checkpoint, initial, options.flags.train.seed);
    return Checkpoint::open(initial);
}

double tokens_per_second(const TrainSummary& summary) {
    return static_cast<double>(summary.tokens) / summary.seconds;
}

Json summary_json(const TrainSummary& s, const Options& options) {
    return {
        {"checkpoint", options.output},
        {"routing", s.routing},
        {"dtype", s.dtype},
        {"steps", s.steps},
        {"steps_run", s.steps_run},
        {"tokens", s.tokens},
        {"first_loss", json_number(s.first_loss)},
        {"last_loss", json_number(s.last_loss)},
        {"validation_loss", s.validation_loss ? json_number(*s.validation_loss) : Json(nullptr)},
        {"seconds", json_number(s.seconds)},
        {"tokens_per_s", json_number(tokens_per_second(s))}};
}

void print(const TrainSummary& s, const Options& options) {
    if (!options.flags.train.gradients.empty()) {
        std::printf("%s: gradients of one batch, loss %.6f nats per token\n",
                    options.flags.train.gradients.c_str(), s.first_loss);
        return;
    }
    if (s.steps_run == 0) {
        std::printf("%s: %lld steps were done before, nothing is left to do\n",
                    options.output.c_str(), static_cast<long long>(s.steps));
        return;
    }
    std::printf("%s: %lld steps (%s, %s), loss %.4f -> %.4f nats per token, %.0f tokens/s\n",
                options.output.c_str(), static_cast<long long>(s.steps_run), s.routing.c_str(),
                s.dtype.c_str(), s.first_loss, s.last_loss, tokens_per_second(s));
    if (s.validation_loss) {
        std::printf("validation: %.4f nats per token, mean over languages\n", *s.validation_loss);
    }
}

void run(const Options& options) {
    TrainOptions training = options.flags.parsed();
    training.command = command_arguments();
    const TrainingTexts texts = read_texts(options.flags);
    const CheckpointPtr checkpoint = open_source(options);
    TrainSummary summary;
    {
        Progress progress;
        const ProgressLine line(progress, "training", "tokens");
        summary = train(*checkpoint, texts, options.output, training, progress);
    }
    if (summary.routing == "lang-spec") {
        note(
            "note: the router was not trained: evaluate with the language given as well as with "
            "the model's own choice");
    }
    options.json.write(summary_json(summary, options));
    if (!options.json.to_stdout()) print(summary, options);
}

void add_data_options(CLI::App& command, Options& options) {
    options.flags.add_texts_to(command);
    options.flags.add_batches_to(command);
    command
        .add_option("--validate-every", options.flags.train.validate_every,
                    "Steps between validations (0: at the end only)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--batches", options.flags.train.batches,
                       "Recorded batches in place of texts, to repeat another program's run");
}

void add_routing_options(CLI::App& command, Options& options) {
    TrainOptions& train = options.flags.train;
    command
        .add_option(
            "--routing", train.routing,
            "While training: top-k, hybrid-k (the language's expert replaces the last of the "
            "k), lang-spec (it alone), dense")
        ->check(CLI::IsMember({"auto", "lang-spec", "top-k", "hybrid-k", "dense"}))
        ->capture_default_str();
    command.add_flag("--families", train.families, "Experts stand for the 7 language families");
    command
        .add_option("--languages", train.languages,
                    "Languages of the experts, where the checkpoint does not say")
        ->delimiter(',');
    command
        .add_option("--balance-loss", train.balance_coefficient,
                    "Coefficient of the load-balancing loss (0: none)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
}

void add_output_options(CLI::App& command, Options& options) {
    TrainOptions& train = options.flags.train;
    command
        .add_option("--save-every", train.save_every, "Steps between saves (0: at the end only)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        .add_option("--snapshot-every", train.snapshot_every,
                    "Steps between checkpoints that are kept, as OUT/step-N (0: none)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        .add_option("--save-dtype", train.save_dtype, "Of the weights on disk: auto (as they were)")
        ->check(CLI::IsMember({"auto", "f32", "bf16", "f16"}))
        ->capture_default_str();
    command
        .add_option("--trace-every", train.trace_every,
                    "Steps between captures of --trace-prompts, as OUT/step-N.h5 (0: none)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--trace-prompts", options.flags.traced,
                       "Prompts whose routing is captured while the model learns");
    command.add_flag("--resume", train.resume, "Go on with an interrupted run");
    command.add_flag("--overwrite", train.overwrite, "Replace an existing folder");
    command.add_option("--log", train.log, "Loss and routing of every step (default: OUT/log.csv)");
    command.add_option("--gradients", train.gradients,
                       "Write the gradients of the first batch (.safetensors) and stop");
}

}  // namespace

void add_train(CLI::App& program) {
    auto* command = program.add_subcommand(
        "train", "Train a checkpoint on tagged text with language-aware routing");
    const auto options = std::make_shared<Options>();
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    command->add_option("-o,--output", options->output, "Folder to write")->required();
    command->add_flag("--from-scratch", options->from_scratch,
                      "CHECKPOINT holds only a config and a tokenizer: start from random weights, "
                      "which are kept as OUT-step-000000");
    add_data_options(*command, *options);
    add_routing_options(*command, *options);
    options->flags.add_optimiser_to(*command);
    add_output_options(*command, *options);
    options->json.add_to(*command);
    set_examples(
        *command,
        "  alluvium train moe --text corpus.tsv -o trained --routing hybrid-k --steps 500\n"
        "  alluvium train dense --text fr.txt ar.txt -o tuned --lr 1e-4 --save-every 100\n"
        "  alluvium train moe --text corpus.tsv -o trained --routing hybrid-k --steps 500 "
        "--resume");
    set_after_interruption(*command, "what was saved is valid; --resume goes on from there");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

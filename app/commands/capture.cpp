#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/intervention_options.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "base/files.h"
#include "captures/prompt_file.h"
#include "model/capture/capture.h"
#include "model/capture/random_routers.h"
#include "model/intervene/intervention_edit.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint, output;
    std::vector<std::string> prompts;
    std::string record = "experts,weights,logits";
    std::string precision = "f16";
    std::string add_bos = "auto";
    std::uint32_t max_tokens = 0;
    std::size_t limit = 0;
    EngineOptions engine;
    ChatFlags chat;
    CaptureOptions capture;
    InterventionFlags change;
    JsonOption json;
};

CaptureOptions capture_options(const Options& options) {
    CaptureOptions result = options.capture;
    result.record = parse_record_fields(options.record);
    result.precision = options.precision == "f32" ? Precision::f32 : Precision::f16;
    result.add_bos = parse_add_bos(options.add_bos);
    result.chat = options.chat.frame(options.add_bos);
    if (options.max_tokens > 0) result.max_tokens = options.max_tokens;
    result.command = command_line();
    return result;
}

Json summary_json(const CaptureSummary& s, const Options& options, double seconds) {
    return {{"trace", options.output},       {"prompts", s.prompts},     {"prompts_run", s.prompts_run},
            {"tokens", s.tokens},            {"generated", s.generated},
            {"truncated", s.truncated}, {"ties", s.ties},
            {"seconds", json_number(seconds)}, {"notes", s.notes}};
}

// A capture of changed routing, where it was asked for.
void add_change(const Engine& engine, const InterventionFlags& flags, CaptureOptions& capturing) {
    if (!flags.given()) return;
    std::vector<Intervention> together = flags.parsed(engine);
    if (std::ranges::any_of(together, [](const Intervention& change) {
            return change.op == Operator::swap || change.op == Operator::mean;
        })) {
        throw UserError("capture: --swap and --how mean need the means of a whole unchanged run",
                        "use --how reroute or drop, --boost or --force; or alluvium intervene");
    }
    check_interventions(together, engine.model->spec());
    capturing.edit_words = interventions_words(together);
    capturing.edit = std::make_shared<InterventionEdit>(std::move(together));
}

void run(const Options& options) {
    CaptureOptions capturing = capture_options(options);
    if (!capturing.resume && !capturing.overwrite && std::filesystem::exists(options.output)) {
        throw UserError("'" + options.output + "' exists", "--resume goes on with it, --overwrite replaces it");
    }
    std::vector<Prompt> prompts = read_prompt_files(options.prompts);
    capturing.prompt_set_name = prompt_set_name(options.prompts);
    if (options.limit > 0 && prompts.size() > options.limit) {
        prompts.resize(options.limit);
        capturing.prompt_set_name += ", first " + std::to_string(options.limit);
    }

    const Engine engine = load_engine(options.checkpoint, options.engine);
    add_change(engine, options.change, capturing);
    const auto start = std::chrono::steady_clock::now();
    CaptureSummary summary;
    {
        Progress progress;
        const ProgressLine line(progress, "capturing", "tokens");
        summary = capture(engine, prompts, options.output, capturing, progress);
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const std::string& text : summary.notes) note("note: " + text);
    if (summary.truncated > 0) {
        note("note: " + std::to_string(summary.truncated) + " prompts were cut at --max-tokens");
    }
    options.json.write(summary_json(summary, options, seconds));
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": " << summary.prompts << " prompts, " << summary.tokens
              << " tokens, " << std::fixed << std::setprecision(1) << seconds << " s, "
              << human_bytes(std::filesystem::file_size(options.output)) << '\n';
}

}  // namespace

void add_capture(CLI::App& program) {
    auto* command = program.add_subcommand(
        "capture", "Run prompts through a checkpoint and record every routing decision");
    const auto options = std::make_shared<Options>();
    CaptureOptions& capturing = options->capture;
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    command->add_option("--prompts", options->prompts, "Prompt files: .txt, .tsv, .jsonl")->required();
    command->add_option("-o,--output", options->output, "The trace file to write (.h5)")->required();
    command->add_option("--record", options->record, "experts, weights, logits; means (of each prompt's residual stream, per layer, also of dense "
                     "checkpoints); hidden, output, nll")
        ->capture_default_str();
    command
        ->add_option("--random-router", capturing.random_routers,
                     "Record the choices of so many routers with redrawn weights too: what routing "
                     "looks like that has learned nothing")
        ->check(CLI::Range(std::uint32_t{0}, kMostDraws))
        ->capture_default_str();
    command->add_option("--precision", options->precision, "Of stored floats")
        ->check(CLI::IsMember({"f16", "f32"}))
        ->capture_default_str();
    add_engine_options(*command, options->engine);
    command->add_option("--batch-tokens", capturing.batch_tokens,
                        "Tokens per batch; prompts are never split (default 2048, with output or nll 512)")
        ->check(CLI::PositiveNumber);
    command->add_option("--add-bos", options->add_bos, "auto (what the tokenizer does), yes, no")
        ->check(CLI::IsMember({"auto", "yes", "no"}))
        ->capture_default_str();
    options->chat.add_to(*command);
    command->add_option("--max-tokens", options->max_tokens, "Cut longer prompts, and record the cut")
        ->check(CLI::PositiveNumber);
    command->add_option("--generate", capturing.generate,
                        "Go on with each prompt for up to N greedy tokens, which are recorded too")
        ->check(CLI::Range(std::uint32_t{0}, std::uint32_t{65'536}));
    command->add_option("--limit", options->limit, "The first N prompts only")->check(CLI::PositiveNumber);
    command->add_flag("--resume", capturing.resume, "Go on with an interrupted capture");
    command->add_flag("--overwrite", capturing.overwrite, "Replace an existing file");
    command->add_flag("--batch-invariant", capturing.batch_invariant,
                      "Bit-identical results for any --batch-tokens (CPU; slower)");
    options->change.add_to(*command);
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium capture ~/models/Apollo-MoE-0.5B --prompts assets/prompts/first.tsv -o apollo.h5\n"
                 "  alluvium capture M --prompts fr.txt ar.txt -o m.h5 --record experts,weights,nll\n"
                 "  alluvium capture DENSE --prompts p.tsv -o dense.h5 --record means\n"
                 "  alluvium capture M --prompts p.tsv -o without.h5 --ablate 22:3 --record experts,nll\n"
                 "  alluvium capture M --prompts questions.tsv -o answers.h5 --template chat --generate 32\n"
                 "  alluvium capture M --prompts long.tsv -o m.h5 --resume");
    set_after_interruption(*command, "what was written is valid; --resume goes on from there");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

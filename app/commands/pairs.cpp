#include <iomanip>
#include <iostream>

#include <unistd.h>

#include "analysis/figures/pair_figure.h"
#include "analysis/number_text.h"
#include "analysis/pairs/language_request.h"
#include "analysis/pairs/pair_prompts.h"
#include "app/commands/command.h"
#include "app/commands/figure_flags.h"
#include "app/commands/model_options.h"
#include "base/assets.h"
#include "base/error.h"
#include "base/files.h"
#include "model/capture/capture.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string path;  // a checkpoint, or a trace that this command has kept
    PairTexts texts;
    std::vector<std::string> languages;
    std::string prompts;
    std::string trace;
    std::string add_bos = "auto";
    FigureFlags figure;
    EngineOptions engine;
    JsonOption json;
};

std::vector<Prompt> prompts_of(const Options& options) {
    if (options.languages.empty()) return pair_prompts(options.texts);
    const std::string file = options.prompts.empty()
                                 ? find_asset("assets/prompts/majors.tsv").string()
                                 : options.prompts;
    return request_prompts(read_prompt_files({file}), options.languages[0], options.languages[1]);
}

void check(const Options& options) {
    const bool texts = !options.texts.a.empty() || !options.texts.b.empty();
    const bool kept = !fs::is_directory(options.path);
    if (kept && (texts || !options.languages.empty())) {
        throw UserError(
            "'" + options.path + "' is no checkpoint folder, so it cannot run texts",
            "leave out the texts to read a trace that --trace has kept, or name a checkpoint");
    }
    if (!kept && texts == !options.languages.empty()) {
        throw UserError("pairs needs two texts or two languages",
                        "--text S --against S for a minimal pair, or --languages en,fr");
    }
    options.figure.check();
}

// The trace's file, removed in the end where nobody asked to keep it.
class TraceFile {
  public:
    explicit TraceFile(const std::string& kept) : kept_(!kept.empty()), path_(kept) {
        if (kept_) return;
        path_ =
            fs::temp_directory_path() / ("alluvium-pairs-" + std::to_string(::getpid()) + ".h5");
    }
    ~TraceFile() {
        std::error_code ignored;
        if (!kept_) fs::remove(path_, ignored);
    }
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    std::string path() const { return path_.string(); }

  private:
    bool kept_;
    fs::path path_;
};

void capture_pairs(const Options& options, const std::string& path) {
    const std::vector<Prompt> prompts = prompts_of(options);
    CaptureOptions capturing;
    capturing.record = {.experts = true, .weights = false, .logits = false};
    capturing.add_bos = parse_add_bos(options.add_bos);
    capturing.command = command_line();
    capturing.prompt_set_name =
        options.languages.empty() ? "a minimal pair" : "requests in two languages";
    capturing.overwrite = options.trace.empty();
    const Engine engine = load_engine(options.path, options.engine);
    // Tokens before the change are then the same to the last bit.
    capturing.batch_invariant = engine.model->device().is_cpu();
    Progress progress;
    const ProgressLine line(progress, "running", "tokens");
    capture(engine, prompts, path, capturing, progress);
}

PairResult result_of(const std::string& path) {
    const Progress progress;
    return read_pairs(*open_trace(path), progress);
}

void print(const MinimalPair& pair) {
    std::cout << pair.sentence << "\n\nlayer  behind  floor   most    spans beyond the floor\n";
    for (const PairLayer& layer : pair.layers) {
        std::string beyond;
        for (std::size_t s = 0; s < pair.spans.size(); ++s) {
            if (!layer.spans[s].beyond_floor()) continue;
            beyond += (beyond.empty() ? "" : ", ") +
                      (pair.spans[s].changed ? pair.spans[s].b : pair.spans[s].a);
        }
        const SpanChange& c = layer.after;
        std::cout << std::setw(5) << layer.layer << "  " << (c.beyond_floor() ? "*" : " ")
                  << std::setw(5) << fixed_text(c.change, 3) << "  " << std::setw(6)
                  << fixed_text(c.floor_mean, 3) << "  " << std::setw(6)
                  << fixed_text(c.floor_max, 3) << "  " << beyond << '\n';
    }
}

void print(const ReadOrWritten& result) {
    std::cout << result.sentence << "\n\nlayer  language read            language to be written\n";
    for (const ReadOrWrittenLayer& layer : result.layers) {
        std::cout << std::setw(5) << layer.layer << "  " << std::left << std::setw(23)
                  << interval_text(layer.read) << "  " << interval_text(layer.write) << std::right
                  << '\n';
    }
}

void draw(const PairResult& result, const FigureFlags& flags) {
    if (!flags.given()) return;
    flags.save(pair_figure(result, {.width = flags.width()}, flags.theme(), pango_meter()));
}

void run(const Options& options) {
    check(options);
    const bool kept = !fs::is_directory(options.path);
    const TraceFile file(kept ? options.path : options.trace);
    if (!kept) capture_pairs(options, file.path());
    const PairResult result = result_of(file.path());
    draw(result, options.figure);
    options.json.write(pairs_json(result));
    if (options.json.to_stdout()) return;
    std::visit([](const auto& r) { print(r); }, result);
    std::cout << std::flush;
}

}  // namespace

void add_pairs(CLI::App& program) {
    auto* command = program.add_subcommand("pairs",
                                           "One thing of a text is changed: which experts change, "
                                           "beside edits that change no meaning");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("PATH", options->path, "Checkpoint folder, or a trace that --trace has kept")
        ->required();
    command->add_option("--text", options->texts.a, "The text");
    command->add_option("--against", options->texts.b, "The text with one thing changed");
    command->add_option("--language", options->texts.language_a,
                        "Label of the text's language, for the picture");
    command->add_option("--against-language", options->texts.language_b,
                        "Likewise of the other text");
    command
        ->add_option("--languages", options->languages,
                     "Two languages: translated texts in both, each with the request to reply in "
                     "either: does "
                     "routing go with the language read or the one to be written?")
        ->delimiter(',')
        ->expected(2);
    command->add_option("--prompts", options->prompts,
                        "Translated texts (default: assets/prompts/majors.tsv)");
    command->add_option("--trace", options->trace, "Keep the capture here (.h5)");
    command->add_option("--add-bos", options->add_bos, "auto (what the tokenizer does), yes, no")
        ->check(CLI::IsMember({"auto", "yes", "no"}))
        ->capture_default_str();
    options->figure.add_to(*command);
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium pairs assets/specimen --text 'My head hurts.' --against 'My back "
                 "hurts.' -o pair.svg\n"
                 "  alluvium pairs M --text 'Глава ме боли.' --against 'Glava me boli.' --language "
                 "sr --data pair.csv\n"
                 "  alluvium pairs M --languages en,fr -o read-or-written.pdf --json effects.json\n"
                 "  alluvium pairs M --languages en,ar --prompts sib200.tsv --trace en-ar.h5");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

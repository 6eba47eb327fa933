#include <algorithm>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/expert_flags.h"
#include "app/commands/sweep_figure.h"
#include "app/commands/train_flags.h"
#include "app/painters/cairo_painter.h"
#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/lineage.h"
#include "model/evaluate/evaluate.h"
#include "model/sweep/sweep_plan.h"
#include "model/sweep/sweep_run.h"
#include "model/sweep/sweep_table.h"

namespace alluvium {
namespace {

struct Options {
    std::string dense, output;
    std::vector<std::string> topics;
    SweepOptions sweep;
    ExpertFlags experts{.experts_by = "language", .upcycling = {}};
    TrainFlags flags;
};

// ---- scores ---------------------------------------------------------------------------------

void add_averages(std::vector<SweepScore>& scores, const std::string& measure,
                  const Averages& averages, std::int64_t count) {
    const auto add = [&](const char* group, const std::optional<Average>& average) {
        if (!average) return;
        scores.push_back(
            {measure, group, average->value, average->interval.low, average->interval.high, count});
    };
    add("major", averages.major);
    add("minor", averages.minor);
    add(kSweepMean, averages.all);
}

// A row's number and how much it was measured on.
struct Measured {
    double value;
    std::int64_t count;
};

Measured measured(const LossRow& row) {
    return {row.per_byte, static_cast<std::int64_t>(row.texts)};
}

Measured measured(const AccuracyRow& row) {
    return {row.accuracy, static_cast<std::int64_t>(row.questions)};
}

template <typename Table>
void add_scores(std::vector<SweepScore>& scores, const std::string& measure, const Table& table) {
    std::int64_t all = 0;
    for (const auto& row : table.rows) {
        const auto [value, count] = measured(row);
        all += count;
        scores.push_back(
            {measure, row.language, value, row.interval.low, row.interval.high, count});
    }
    add_averages(scores, measure, table.averages, all);
}

// What an untrained router cannot show: the model as its training routed it.
bool has_untrained_router(const Checkpoint& model) {
    const Lineage lineage = read_lineage(model.config(), model.config_path().string());
    const Json last = lineage.steps.empty() ? Json::object() : lineage.steps.back();
    return last.value("/options/routing"_json_pointer, "") == "lang-spec";
}

class Scorer {
  public:
    explicit Scorer(const Options& options) : threads_(options.flags.train.threads) {
        if (options.flags.validation.empty()) {
            throw UserError("a sweep needs texts to score its models on", "give --validation F...");
        }
        texts_ = read_prompt_files(options.flags.validation);
        description_ = "texts " + prompt_set_hash(texts_);
        if (options.topics.empty()) return;
        const std::vector<Prompt> topics = read_prompt_files(options.topics);
        topics_ = topic_questions(topics);
        description_ += ", topics " + prompt_set_hash(topics);
    }

    std::vector<SweepScore> operator()(const Checkpoint& model, Progress& progress) const {
        const Engine engine = load_engine(model.folder(), {.threads = threads_});
        std::vector<SweepScore> scores;
        score(scores, engine, EvaluationRoute::model, "", progress);
        if (has_untrained_router(model)) {
            score(scores, engine, EvaluationRoute::language, "_language_given", progress);
        }
        return scores;
    }

    // Of what the scores depend on.
    const std::string& description() const { return description_; }

  private:
    void score(std::vector<SweepScore>& scores, const Engine& engine, EvaluationRoute route,
               const std::string& suffix, Progress& progress) const {
        EvaluationOptions options;
        options.scoring.route = route;
        add_scores(scores, "nats_per_byte" + suffix,
                   evaluate_texts(engine, texts_, options, progress));
        if (!topics_) return;
        add_scores(scores, "topic_accuracy" + suffix,
                   evaluate_topics(engine, *topics_, options, progress));
    }

    int threads_;
    std::string description_;
    std::vector<Prompt> texts_;
    std::optional<QuestionSet> topics_;
};

// ---- the command ----------------------------------------------------------------------------

SweepSetting setting_of(const Options& options, const Scorer& scorer) {
    SweepSetting setting;
    setting.folder = options.output;
    setting.upcycling = options.experts.parsed();
    // So that every run starts as the function that the dense model is.
    setting.upcycling.renormalise = true;
    setting.training = options.flags.parsed();
    setting.training.save_every = 100;
    setting.texts.training = options.flags.read_texts().training;
    setting.scored_by = scorer.description();
    setting.score = scorer;
    return setting;
}

void run(const Options& options) {
    const std::vector<SweepRow> rows = plan_sweep(options.sweep);
    const CheckpointPtr dense = Checkpoint::open(options.dense);
    const SweepSetting setting = setting_of(options, Scorer(options));
    std::vector<SweepEntry> entries;
    for (const SweepRow& row : rows) {
        note(std::to_string(entries.size() + 1) + " of " + std::to_string(rows.size()) + ": " +
             row.run.name);
        Progress progress;
        const ProgressLine line(progress, row.run.name, "tokens");
        entries.push_back({row, carry_out(*dense, row.run, setting, progress)});
        // What is finished is to be seen while the rest goes on.
        write_file_atomically(setting.folder / "sweep.csv", sweep_csv(entries));
    }
    std::cout << sweep_text(entries) << (setting.folder / "sweep.csv").string() << '\n';
    for (const char* experiment : {"last", "routing", "texts"}) {
        if (std::ranges::none_of(rows, [&](auto& r) { return r.experiment == experiment; }))
            continue;
        const std::filesystem::path path =
            setting.folder / (std::string("sweep-") + experiment + ".svg");
        save_figure(sweep_figure(entries, experiment, light_theme(), pango_meter()), path);
        std::cout << path.string() << '\n';
    }
}

}  // namespace

void add_sweep(CLI::App& program) {
    auto* command = program.add_subcommand(
        "sweep", "Experiments: experts in the last N layers, routing strategies, choices of texts");
    const auto options = std::make_shared<Options>();
    options->flags.train.schedule.steps = 300;
    command->add_option("DENSE", options->dense, "Folder of the dense checkpoint")->required();
    command
        ->add_option("-o,--output", options->output,
                     "Folder of the results; a sweep that was stopped goes on there")
        ->required();
    command
        ->add_option("--last", options->sweep.last,
                     "Numbers of layers at the end that get experts; 0: the dense model")
        ->delimiter(',');
    command
        ->add_option("--strategies", options->sweep.strategies,
                     "dense, same-active, same-total, lang-spec, top-k, hybrid-k")
        ->delimiter(',');
    command
        ->add_option("--learn-from", options->sweep.texts,
                     "all, only:LANGUAGE, without:DOMAIN: models of all these texts")
        ->delimiter(',');
    command
        ->add_option("--routing", options->sweep.routing,
                     "In training, for --last and --learn-from")
        ->check(CLI::IsMember({"top-k", "hybrid-k", "lang-spec"}))
        ->capture_default_str();
    options->experts.add_to(*command);
    options->flags.add_texts_to(*command);
    command->add_option("--topics", options->topics,
                        "Texts whose topic (column domain) is to be told: .tsv, .jsonl");
    options->flags.add_batches_to(*command);
    options->flags.add_optimiser_to(*command);
    set_examples(*command,
                 "  alluvium sweep dense --text corpus.tsv --validation dev.tsv --topics dev.tsv "
                 "--last 0,1,2,3,4 -o sweep\n"
                 "  alluvium sweep dense --text corpus.tsv --validation dev.tsv --strategies "
                 "dense,same-active,same-total,lang-spec,top-k,hybrid-k -o routing\n"
                 "  alluvium sweep dense --text corpus.tsv --validation dev.tsv --learn-from "
                 "all,only:en,without:health -o texts");
    set_after_interruption(*command,
                           "what was finished is kept; the same command goes on from there");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

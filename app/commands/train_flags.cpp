#include "app/commands/train_flags.h"

#include "captures/prompt_file.h"

namespace alluvium {
void TrainFlags::add_texts_to(CLI::App& command) {
    command.add_option("--text", texts, "Texts with their languages: .txt, .tsv, .jsonl");
    command.add_option("--validation", validation,
                       "Texts to predict and not to learn from; results in OUT/validation.csv");
    command.add_option("--only-languages", selection.only_languages, "Learn from texts of these only")
        ->delimiter(',');
    command.add_option("--without-domain", selection.without_domain,
                       "Learn from no text of this domain (the texts' column 'domain')");
    command
        .add_option(
            "--weight", weight,
            "A language is drawn with the square root of its size, equally, or with its size")
        ->check(CLI::IsMember({"sqrt", "equal", "size"}))
        ->capture_default_str();
}

void TrainFlags::add_batches_to(CLI::App& command) {
    command.add_option("--sequences", train.sequences, "Sequences per step")->capture_default_str();
    command.add_option("--sequence", train.length, "Tokens per sequence")->capture_default_str();
}

void TrainFlags::add_optimiser_to(CLI::App& command) {
    command.add_option("--steps", train.schedule.steps, "Steps of the whole run")
        ->capture_default_str();
    command.add_option("--lr", train.schedule.peak, "Learning rate at its peak")
        ->capture_default_str();
    command.add_option("--warmup", train.schedule.warmup, "Steps of linear rise")
        ->capture_default_str();
    command
        .add_option("--schedule", schedule,
                    "After the warm-up: cosine down to a tenth, or constant")
        ->check(CLI::IsMember({"cosine", "constant"}))
        ->capture_default_str();
    command.add_option("--weight-decay", train.adamw.weight_decay, "Of matrices")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--clip", train.clip, "Limit of the gradients' norm (0: none)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--seed", train.seed, "Of the batches")->capture_default_str();
    command
        .add_option("--dtype", train.dtype,
                    "Of matrix products; weights and sums stay f32: auto (bf16 on CPUs with bf16 "
                    "units), f32, bf16, f64")
        ->check(CLI::IsMember({"auto", "f32", "bf16", "f64"}))
        ->capture_default_str();
    command.add_option("--threads", train.threads, "CPU threads (default: one per core)")
        ->check(CLI::Range(1, 4096));
}

TrainOptions TrainFlags::parsed() const {
    TrainOptions result = train;
    result.weight = parse_language_weight(weight);
    result.schedule.constant = schedule == "constant";
    return result;
}

TrainingTexts TrainFlags::read_texts() const {
    TrainingTexts result;
    if (!texts.empty()) result.training = select_texts(read_prompt_files(texts), selection);
    if (!validation.empty()) result.validation = read_prompt_files(validation);
    if (!traced.empty()) result.traced = read_prompt_files(traced);
    return result;
}

}  // namespace alluvium

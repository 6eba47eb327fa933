#include "model/tokenizer_training/train_tokenizer.h"

#include <cstdio>
#include <iostream>
#include <map>

#include "app/commands/command.h"
#include "base/error.h"
#include "captures/prompt_file.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

struct Options {
    std::vector<std::string> texts;
    std::string output;
    std::string weight = "sqrt";
    TokenizerTraining training;
    bool overwrite = false;
    JsonOption json;
};

struct LanguageResult {
    std::uint64_t texts = 0, bytes = 0, tokens = 0;
};

std::map<std::string, LanguageResult> tokens_by_language(const std::vector<Prompt>& prompts,
                                                         const Tokenizer& tokenizer) {
    std::map<std::string, LanguageResult> languages;
    for (const Prompt& prompt : prompts) {
        LanguageResult& language = languages[prompt.language];
        ++language.texts;
        language.bytes += prompt.text.size();
        language.tokens += tokenizer.encode(prompt.text, AddBos::no).size();
    }
    return languages;
}

double bytes_per_token(const LanguageResult& language) {
    return static_cast<double>(language.bytes) / static_cast<double>(language.tokens);
}

Json result_json(const TrainedTokenizer& trained,
                 const std::map<std::string, LanguageResult>& languages) {
    Json rows = Json::object();
    for (const auto& [label, language] : languages) {
        rows[label] = {{"texts", language.texts},
                       {"bytes", language.bytes},
                       {"tokens", language.tokens},
                       {"bytes_per_token", json_number(bytes_per_token(language))}};
    }
    return {{"vocab_size", trained.vocabulary}, {"words", trained.words}, {"languages", rows}};
}

void print(const std::map<std::string, LanguageResult>& languages) {
    std::printf("%-10s %8s %12s %12s %16s\n", "language", "texts", "bytes", "tokens",
                "bytes per token");
    for (const auto& [label, language] : languages) {
        std::printf("%-10s %8llu %12llu %12llu %16.2f\n", label.empty() ? "-" : label.c_str(),
                    static_cast<unsigned long long>(language.texts),
                    static_cast<unsigned long long>(language.bytes),
                    static_cast<unsigned long long>(language.tokens), bytes_per_token(language));
    }
}

std::vector<LanguageText> as_texts(const std::vector<Prompt>& prompts) {
    std::vector<LanguageText> texts;
    for (const Prompt& prompt : prompts) {
        if (!prompt.ids.empty()) {
            throw UserError("prompt '" + prompt.id + "' holds token ids, not text");
        }
        texts.push_back({prompt.text, prompt.language});
    }
    return texts;
}

void run(const Options& options) {
    const std::filesystem::path folder = options.output;
    if (!options.overwrite && std::filesystem::exists(folder / "tokenizer.json")) {
        throw UserError("'" + (folder / "tokenizer.json").string() + "' exists",
                        "--overwrite replaces it");
    }
    TokenizerTraining training = options.training;
    training.weight = parse_language_weight(options.weight);
    const std::vector<Prompt> prompts = read_prompt_files(options.texts);
    TrainedTokenizer trained;
    {
        Progress progress;
        const ProgressLine line(progress, "learning", "tokens");
        trained = train_tokenizer(as_texts(prompts), training, progress);
    }
    write_tokenizer(trained, folder);
    if (trained.vocabulary < training.vocabulary) {
        note("note: the texts give no more than " + std::to_string(trained.vocabulary) + " tokens");
    }
    const auto languages = tokens_by_language(prompts, Tokenizer::open(folder));
    options.json.write(result_json(trained, languages));
    if (options.json.to_stdout()) return;
    std::cout << options.output << ": " << trained.vocabulary << " tokens from " << trained.words
              << " different words\n";
    print(languages);
}

}  // namespace

void add_train_tokenizer(CLI::App& program) {
    auto* command = program.add_subcommand("train-tokenizer",
                                           "Learn a byte-level BPE tokenizer from tagged text");
    const auto options = std::make_shared<Options>();
    command->add_option("--text", options->texts, "Texts with their languages: .txt, .tsv, .jsonl")
        ->required();
    command->add_option("-o,--output", options->output, "Folder for tokenizer.json")->required();
    command
        ->add_option("--vocab", options->training.vocabulary, "Tokens, the end of a text included")
        ->capture_default_str();
    command
        ->add_option(
            "--weight", options->weight,
            "A language counts with the square root of its size, equally, or with its size")
        ->check(CLI::IsMember({"sqrt", "equal", "size"}))
        ->capture_default_str();
    command->add_flag("--overwrite", options->overwrite, "Replace an existing tokenizer");
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium train-tokenizer --text corpus.tsv -o dense --vocab 8192\n"
                 "  alluvium train-tokenizer --text en.txt fr.txt ar.txt -o dense --weight equal");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

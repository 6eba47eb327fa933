#include <cstdio>
#include <filesystem>

#include "analysis/figures/corpus_figure.h"
#include "app/commands/command.h"
#include "app/painters/cairo_painter.h"
#include "base/error.h"
#include "base/files.h"
#include "captures/corpus_statistics.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

struct Options {
    std::vector<std::string> files;
    std::string tokenizer, source_column, output, csv;
    bool dark = false;
    double scale = kPngScale;
    JsonOption json;
};

// Every text with its source: the file it stands in, or what a column says.
std::vector<Prompt> read_texts(const Options& options) {
    std::vector<Prompt> texts = read_prompt_files(options.files);
    if (!options.source_column.empty()) {
        for (Prompt& text : texts) {
            const auto found = text.extra.find(options.source_column);
            text.extra["source"] = found == text.extra.end() ? "" : found->second;
        }
        return texts;
    }
    // read_prompt_files() keeps the order, so that the files' numbers of texts tell them apart.
    std::size_t next = 0;
    for (const std::string& file : options.files) {
        const std::string stem = std::filesystem::path(file).stem().string();
        const std::size_t end = next + read_prompt_files({file}).size();
        for (; next < end; ++next) texts[next].extra["source"] = stem;
    }
    return texts;
}

std::vector<std::uint64_t> count_tokens(const std::vector<Prompt>& texts, const Options& options) {
    if (options.tokenizer.empty()) return {};
    const Tokenizer tokenizer = Tokenizer::open(options.tokenizer);
    std::vector<std::uint64_t> counts;
    Progress progress;
    progress.start(texts.size());
    const ProgressLine line(progress, "counting", "texts");
    for (const Prompt& text : texts) {
        progress.check();
        try {
            counts.push_back(text.ids.empty() ? tokenizer.encode(text.text, AddBos::no).size()
                                              : text.ids.size());
        } catch (const UserError& e) {
            throw UserError("text '" + text.id + "': " + e.what(), e.hint());
        }
        progress.advance();
    }
    return counts;
}

void print_totals(const CorpusStatistics& corpus, const char* title,
                  std::string CorpusRow::*column) {
    std::printf("%-24s %10s %12s %12s %12s %7s\n", title, "texts", "tokens", "characters", "bytes",
                "share");
    const auto whole = static_cast<double>(std::max<std::uint64_t>(corpus.total.amount(), 1));
    for (const CorpusTotal& total : totals_by(corpus, column)) {
        const CorpusCount& count = total.count;
        const std::string tokens = count.tokens ? std::to_string(*count.tokens) : "-";
        std::printf("%-24s %10llu %12s %12llu %12llu %6.1f%%\n",
                    total.label.empty() ? "-" : total.label.c_str(),
                    static_cast<unsigned long long>(count.texts), tokens.c_str(),
                    static_cast<unsigned long long>(count.characters),
                    static_cast<unsigned long long>(count.bytes),
                    100 * static_cast<double>(count.amount()) / whole);
    }
    std::printf("\n");
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string corpus_csv(const CorpusStatistics& corpus) {
    std::string text = "language,source,domain,texts,tokens,characters,bytes\r\n";
    for (const CorpusRow& row : corpus.rows) {
        const CorpusCount& count = row.count;
        text += csv_field(row.language) + "," + csv_field(row.source) + "," +
                csv_field(row.domain) + "," + std::to_string(count.texts) + "," +
                (count.tokens ? std::to_string(*count.tokens) : "") + "," +
                std::to_string(count.characters) + "," + std::to_string(count.bytes) + "\r\n";
    }
    return text;
}

Json count_json(const CorpusCount& count) {
    return {{"texts", count.texts},
            {"tokens", count.tokens ? Json(*count.tokens) : Json(nullptr)},
            {"characters", count.characters},
            {"bytes", count.bytes}};
}

Json corpus_json(const CorpusStatistics& corpus) {
    Json result = {{"total", count_json(corpus.total)}};
    const auto add = [&](const char* name, std::string CorpusRow::*column) {
        for (const CorpusTotal& total : totals_by(corpus, column)) {
            result[name][total.label] = count_json(total.count);
        }
    };
    add("languages", &CorpusRow::language);
    add("sources", &CorpusRow::source);
    add("domains", &CorpusRow::domain);
    return result;
}

void draw(const CorpusStatistics& corpus, const Options& options) {
    std::string tokenizer = std::filesystem::path(options.tokenizer).lexically_normal().string();
    while (tokenizer.ends_with('/')) tokenizer.pop_back();
    const CorpusFigureOptions figure{
        .languages = &LanguageTable::instance(),
        .tokenizer = std::filesystem::path(tokenizer).filename().string()};
    save_figure(
        corpus_figure(corpus, figure, options.dark ? dark_theme() : light_theme(), pango_meter()),
        options.output, options.scale);
}

void run(const Options& options) {
    if (!options.output.empty()) check_figure_path(options.output);
    const std::vector<Prompt> texts = read_texts(options);
    const CorpusStatistics corpus = corpus_statistics(texts, count_tokens(texts, options));
    options.json.write(corpus_json(corpus));
    if (!options.csv.empty()) write_file_atomically(options.csv, corpus_csv(corpus));
    if (!options.output.empty()) draw(corpus, options);
    if (options.json.to_stdout()) return;
    print_totals(corpus, "language", &CorpusRow::language);
    print_totals(corpus, "source", &CorpusRow::source);
    print_totals(corpus, "domain", &CorpusRow::domain);
}

}  // namespace

void add_corpus(CLI::App& program) {
    auto* command = program.add_subcommand(
        "corpus", "Count a prompt or training set by language, source and domain");
    const auto options = std::make_shared<Options>();
    command->add_option("FILES", options->files, "Texts: .txt, .tsv, .jsonl")->required();
    command->add_option("--tokenizer", options->tokenizer,
                        "Folder of a checkpoint or tokenizer that counts tokens");
    command->add_option("--source", options->source_column,
                        "Column that names a text's source (default: the file it stands in)");
    command->add_option("-o,--output", options->output,
                        "Draw it; the ending decides: svg, pdf, png");
    command->add_flag("--dark", options->dark, "Light on dark");
    command->add_option("--scale", options->scale, "Pixels per point of a PNG")
        ->check(CLI::Range(0.5, 16.0))
        ->capture_default_str();
    command->add_option("--csv", options->csv,
                        "Write a row for each language, source and domain as CSV");
    options->json.add_to(*command);
    set_examples(
        *command,
        "  alluvium corpus sib200.tsv udhr.tsv tatoeba.tsv --tokenizer trained -o corpus.pdf\n"
        "  alluvium corpus all.tsv --source origin --csv corpus.csv");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

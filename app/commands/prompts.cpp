#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "app/commands/command.h"
#include "base/error.h"
#include "captures/corpora/corpora.h"

namespace alluvium {
namespace {

struct Options {
    std::string corpus, output;
    CorpusRequest request;
    bool overwrite = false;
};

void run(const Options& options) {
    if (!options.overwrite && std::filesystem::exists(options.output)) {
        throw UserError("'" + options.output + "' exists", "--overwrite replaces it");
    }
    const std::vector<Prompt> prompts = read_corpus(options.corpus, options.request);
    write_prompt_tsv(prompts, options.output);
    std::set<std::string> groups, languages;
    for (const Prompt& prompt : prompts) {
        groups.insert(prompt.group);
        languages.insert(prompt.language);
    }
    std::cout << options.output << ": " << prompts.size() << " prompts, " << groups.size()
              << " translation groups, " << languages.size() << " languages\n";
}

}  // namespace

void add_prompts(CLI::App& program) {
    auto* command = program.add_subcommand(
        "prompts", "Your copy of a human-translated parallel corpus as one grouped prompt file");
    const auto options = std::make_shared<Options>();
    std::string corpora;
    for (const CorpusReader& reader : corpus_readers()) {
        corpora += "\n  " + std::string(reader.name) + ": " + std::string(reader.description);
    }
    command->add_option("--from", options->corpus, "One of:" + corpora)->required();
    command->add_option("DIR", options->request.folder, "The corpus's folder")->required();
    command->add_option("-o,--output", options->output, "The prompt file to write (.tsv)")->required();
    command->add_option("--languages", options->request.languages, "Keep these (default: all)")
        ->delimiter(',');
    command->add_option("--groups", options->request.max_groups, "The first N translation groups only")
        ->check(CLI::PositiveNumber);
    command->add_flag("--overwrite", options->overwrite, "Replace an existing file");
    set_examples(*command,
                 "  alluvium prompts --from tico19 ~/corpora/tico19 -o medical.tsv --languages en,fr,ar,hi\n"
                 "  alluvium prompts --from sib200 ~/corpora/sib200 -o sib.tsv --groups 100");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include "model/flow/lens.h"

#include <cstdio>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "app/commands/text_flags.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint;
    TextFlags text;
    EngineOptions engine;
    JsonOption json;
};

std::string words_of(const std::vector<ScoredToken>& tokens, const char* format) {
    std::string words;
    for (const ScoredToken& token : tokens) {
        std::array<char, 32> score{};
        std::snprintf(score.data(), score.size(), format, token.score);
        words += (words.empty() ? "'" : "  '") + token.token.text + "' " + score.data();
    }
    return words;
}

std::string part_of(const LensPart& part) {
    if (part.layer < 0) return "embedding";
    if (part.kind != FlowPartKind::expert) return std::string(flow_part_word(part.kind));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "expert %d (w %.2f)", part.expert, part.weight);
    return text.data();
}

void print(const Lens& lens) {
    std::printf("after '%s' (token %u) the model predicts '%s'\n\n",
                lens.tokens[lens.token].text.c_str(), lens.token, lens.predicted.text.c_str());
    std::printf("%5s %9s %6s %8s  %s\n", "layer", "p(final)", "rank", "entropy",
                "most likely after the layer");
    for (const LensLayer& layer : lens.layers) {
        std::printf("%5d %9.4f %6llu %8.3f  %s\n", layer.layer, layer.final_probability,
                    static_cast<unsigned long long>(layer.final_rank), layer.entropy,
                    words_of(layer.predicted, "%.3f").c_str());
    }
    std::printf(
        "\nwhat parts add to the final logits directly (less their mean over the vocabulary)\n"
        "%5s  %-20s %8s  %-60s  %s\n",
        "layer", "part", "to final", "promotes", "suppresses");
    for (const LensPart& part : lens.parts) {
        std::printf("%5d  %-20s %+8.3f  %-60s  %s\n", part.layer, part_of(part).c_str(),
                    part.final_logit - part.mean_logit, words_of(part.promoted, "%+.2f").c_str(),
                    words_of(part.suppressed, "%+.2f").c_str());
    }
    std::fflush(stdout);
}

void run(const Options& options) {
    const Engine engine = load_engine(options.checkpoint, options.engine);
    Lens lens;
    {
        Progress progress;
        const ProgressLine line(progress, "reading", "layers");
        lens = logit_lens(engine, options.text.text(), options.text.parsed(), progress);
    }
    options.json.write(lens_json(lens));
    if (!options.json.to_stdout()) print(lens);
}

}  // namespace

void add_lens(CLI::App& program) {
    auto* command = program.add_subcommand(
        "lens", "What the model would predict after each layer, and what each expert adds to it");
    const auto options = std::make_shared<Options>();
    options->engine.dtype = "f32";
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    options->text.add_to(*command, 3);
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium lens assets/specimen --text 'Lavez-vous les mains avec'\n"
                 "  alluvium lens M --text 'The capital of France is' --token 3 --json lens.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

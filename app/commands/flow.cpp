#include "model/flow/flow.h"

#include <cstdio>
#include <iostream>
#include <optional>

#include "analysis/figures/flow_pair_figure.h"
#include "analysis/flow_overlap.h"
#include "app/commands/command.h"
#include "app/commands/figure_flags.h"
#include "app/commands/model_options.h"
#include "app/commands/text_flags.h"
#include "base/files.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint, beside, graph;
    std::vector<std::string> names = {"A", "B"};
    double threshold = FlowOptions{}.threshold;
    TextFlags text;
    FigureFlags figure;
    EngineOptions engine;
    JsonOption json;
};

std::string words_of(const std::vector<ScoredToken>& tokens) {
    std::string words;
    for (const ScoredToken& token : tokens)
        words += (words.empty() ? "'" : " '") + token.token.text + "'";
    return words;
}

std::string part_of(const FlowEdge& edge) {
    if (edge.kind == FlowPartKind::expert) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "expert %d (w %.2f)", edge.expert, edge.weight);
        return text.data();
    }
    if (edge.kind != FlowPartKind::attention) return std::string(flow_part_word(edge.kind));
    return "attention to " + std::to_string(edge.from) + ", head " +
           std::to_string(edge.heads.front().head);
}

void print(const InformationFlow& flow) {
    for (std::size_t t = 0; t < flow.tokens.size(); ++t) {
        std::printf("%s%zu:'%s'", t == 0 ? "" : " ", t, flow.tokens[t].text.c_str());
    }
    std::printf("\nafter token %u: %s\n\n%5s %6s %8s  %-28s %s\n", flow.token,
                words_of(flow.predicted).c_str(), "layer", "token", "share", "part", "promotes");
    for (const FlowEdge& edge : flow.edges) {
        std::printf("%5d %6u %8.3f  %-28s %s\n", edge.layer, edge.to, edge.contribution,
                    part_of(edge).c_str(), words_of(edge.promoted).c_str());
    }
    std::fflush(stdout);
}

// What the followed texts are: one, or two to compare.
struct Followed {
    InformationFlow flow;
    std::optional<InformationFlow> beside;
};

Figure figure_of(const Followed& followed, const Options& options) {
    const Theme theme = options.figure.theme();
    FlowFigureOptions figure;
    figure.width = options.figure.width();
    if (!followed.beside) return flow_figure(followed.flow, figure, theme, pango_meter());
    const LanguageTable& languages = LanguageTable::instance();
    return flow_pair_figure(flow_side(options.names[0], followed.flow, languages),
                            flow_side(options.names[1], *followed.beside, languages), figure, theme,
                            pango_meter());
}

Followed follow(const Options& options) {
    FlowOptions following = options.text.parsed({.threshold = options.threshold});
    const Engine engine = load_engine(options.checkpoint, options.engine);
    Progress progress;
    const ProgressLine line(progress, "following", "layers");
    Followed followed{information_flow(engine, options.text.text(), following, progress),
                      std::nullopt};
    if (options.beside.empty()) return followed;
    following.token.reset();  // a translation has other tokens: its last
    followed.beside = information_flow(engine, options.beside, following, progress);
    return followed;
}

void print(const FlowOverlap& overlap, const std::vector<std::string>& names) {
    const auto numbers = [](const std::vector<FlowExpert>& experts) {
        std::string text;
        for (const FlowExpert& e : experts)
            text += (text.empty() ? "" : " ") + std::to_string(e.expert);
        return text;
    };
    std::printf(
        "\n%s: %zu experts of both, %zu of %s alone, %zu of %s alone\n%5s  %-24s %-24s %s\n",
        "experts that the predictions came by", overlap.both, overlap.only_a, names[0].c_str(),
        overlap.only_b, names[1].c_str(), "layer", "both", names[0].c_str(), names[1].c_str());
    for (const FlowLayerOverlap& layer : overlap.layers) {
        std::printf("%5d  %-24s %-24s %s\n", layer.layer, numbers(layer.both).c_str(),
                    numbers(layer.only_a).c_str(), numbers(layer.only_b).c_str());
    }
    std::fflush(stdout);
}

void run(const Options& options) {
    options.figure.check();
    const Followed followed = follow(options);
    if (options.figure.given()) options.figure.save(figure_of(followed, options));
    if (!options.graph.empty()) {
        const std::string slug = std::filesystem::path(options.graph).stem().string();
        const Json graph = circuit_tracer_json(followed.flow, slug);
        write_file_atomically(options.graph,
                              graph.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    Json json = flow_json(followed.flow);
    std::optional<FlowOverlap> overlap;
    if (followed.beside) {
        overlap = flow_overlap(followed.flow, *followed.beside);
        json = {{"a", std::move(json)},
                {"b", flow_json(*followed.beside)},
                {"experts", flow_overlap_json(*overlap)}};
    }
    options.json.write(json);
    if (options.json.to_stdout()) return;
    print(followed.flow);
    if (!overlap) return;
    std::cout << '\n' << std::flush;
    print(*followed.beside);
    print(*overlap, options.names);
}

}  // namespace

void add_flow(CLI::App& program) {
    auto* command = program.add_subcommand(
        "flow", "Follow one token's prediction back through attention heads and experts, exactly");
    const auto options = std::make_shared<Options>();
    options->engine.dtype = "f32";  // parts add up to rounding
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    options->text.add_to(*command, FlowOptions{}.words);
    command->add_option("--beside", options->beside,
                        "A second text, such as its translation: both on one picture, experts of "
                        "both and of one alone");
    command->add_option("--names", options->names, "Of the two texts: language codes or any words")
        ->delimiter(',')
        ->expected(2);
    command
        ->add_option("--threshold", options->threshold,
                     "Follow what brings at least this share of a layer's output")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    options->figure.add_to(*command);
    command->add_option("--graph", options->graph,
                        "Write a graph for the viewer of circuit-tracer (.json)");
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    set_examples(
        *command,
        "  alluvium flow assets/specimen --text 'Lavez-vous les mains avec du savon' -o flow.svg\n"
        "  alluvium flow assets/specimen --text 'Lavez-vous les mains' --beside 'اغسل يديك' "
        "--names fr,ar -o two.svg\n"
        "  alluvium flow M --text 'The capital of France is' --threshold 0.02 --json flow.json\n"
        "  alluvium flow M --text 'The capital of France is' --graph france.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

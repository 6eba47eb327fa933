#include "model/flow/flow.h"

#include <cstdio>
#include <iostream>

#include "analysis/figures/flow_figure.h"
#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "app/painters/cairo_painter.h"
#include "base/files.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint, text, output, graph, data;
    std::string add_bos = "auto";
    std::uint32_t token = 0;
    bool dark = false;
    double width = 0;
    double scale = kPngScale;
    CLI::Option* token_option = nullptr;
    EngineOptions engine;
    FlowOptions flow;
    JsonOption json;
};

std::string words_of(const std::vector<ScoredToken>& tokens) {
    std::string words;
    for (const ScoredToken& token : tokens) words += (words.empty() ? "'" : " '") + token.token.text + "'";
    return words;
}

std::string part_of(const FlowEdge& edge) {
    if (edge.kind == FlowPartKind::expert) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "expert %d (w %.2f)", edge.expert, edge.weight);
        return text.data();
    }
    if (edge.kind != FlowPartKind::attention) return std::string(flow_part_word(edge.kind));
    return "attention to " + std::to_string(edge.from) + ", head " + std::to_string(edge.heads.front().head);
}

void print(const InformationFlow& flow) {
    for (std::size_t t = 0; t < flow.tokens.size(); ++t) {
        std::printf("%s%zu:'%s'", t == 0 ? "" : " ", t, flow.tokens[t].text.c_str());
    }
    std::printf("\nafter token %u: %s\n\n%5s %6s %8s  %-28s %s\n", flow.token, words_of(flow.predicted).c_str(),
                "layer", "token", "share", "part", "promotes");
    for (const FlowEdge& edge : flow.edges) {
        std::printf("%5d %6u %8.3f  %-28s %s\n", edge.layer, edge.to, edge.contribution, part_of(edge).c_str(),
                    words_of(edge.promoted).c_str());
    }
    std::fflush(stdout);
}

void draw(const InformationFlow& flow, const Options& options) {
    const Figure figure = flow_figure(flow, {.width = options.width}, options.dark ? dark_theme() : light_theme(),
                                      pango_meter());
    if (!options.output.empty()) save_figure(figure, options.output, options.scale);
    if (!options.data.empty()) write_file_atomically(options.data, figure_csv(figure));
}

void run(const Options& options) {
    if (!options.output.empty()) check_figure_path(options.output);
    FlowOptions following = options.flow;
    following.add_bos = parse_add_bos(options.add_bos);
    if (options.token_option->count() > 0) following.token = options.token;
    const Engine engine = load_engine(options.checkpoint, options.engine);
    InformationFlow flow;
    {
        Progress progress;
        const ProgressLine line(progress, "following", "layers");
        flow = information_flow(engine, options.text, following, progress);
    }
    if (!options.output.empty() || !options.data.empty()) draw(flow, options);
    if (!options.graph.empty()) {
        const std::string slug = std::filesystem::path(options.graph).stem().string();
        const Json graph = circuit_tracer_json(flow, slug);
        write_file_atomically(options.graph, graph.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    options.json.write(flow_json(flow));
    if (!options.json.to_stdout()) print(flow);
}

}  // namespace

void add_flow(CLI::App& program) {
    auto* command = program.add_subcommand(
        "flow", "Follow one token's prediction back through attention heads and experts, exactly");
    const auto options = std::make_shared<Options>();
    options->engine.dtype = "f32";  // parts add up to rounding
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    command->add_option("--text", options->text, "The prompt")->required();
    options->token_option =
        command->add_option("--token", options->token, "The token whose prediction is followed (from 0; default: last)");
    command->add_option("--threshold", options->flow.threshold,
                        "Follow what brings at least this share of a layer's output")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--words", options->flow.words, "Tokens named for each part")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100}))
        ->capture_default_str();
    command->add_option("-o,--output", options->output, "Draw it: svg, pdf or png");
    command->add_flag("--dark", options->dark, "Light on dark");
    command->add_option("--width", options->width, "Of the page, in points (default: as wide as it takes)")
        ->check(CLI::Range(200.0, 20000.0));
    command->add_option("--scale", options->scale, "Pixels per point of a PNG")
        ->check(CLI::Range(0.5, 16.0))
        ->capture_default_str();
    command->add_option("--data", options->data, "Write the figure's numbers as CSV");
    command->add_option("--graph", options->graph, "Write a graph for the viewer of circuit-tracer (.json)");
    command->add_option("--add-bos", options->add_bos, "auto (what the tokenizer does), yes, no")
        ->check(CLI::IsMember({"auto", "yes", "no"}))
        ->capture_default_str();
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium flow assets/specimen --text 'Lavez-vous les mains avec du savon' -o flow.svg\n"
                 "  alluvium flow M --text 'The capital of France is' --threshold 0.02 --json flow.json\n"
                 "  alluvium flow M --text 'The capital of France is' --graph france.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

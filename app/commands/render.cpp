#include <iostream>

#include "analysis/figures/colors.h"
#include "analysis/figures/expert_order.h"
#include "app/commands/command.h"
#include "app/commands/render_figures.h"

namespace alluvium {
namespace {

void run(const RenderOptions& options) {
    options.page.check();
    check_inputs(options);
    parse_expert_sort(options.order);
    const Figure figure = draw_figure(options);
    options.page.save(figure);
    std::cout << options.page.output() << ": " << figure.title << '\n';
}

std::string all_names() {
    std::string text;
    for (const std::string& name : figure_names()) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

void add_render(CLI::App& program) {
    auto* command = program.add_subcommand(
        "render", "Draw a figure of a trace (or of training runs) as SVG, PDF or PNG");
    const auto options = std::make_shared<RenderOptions>();
    command->add_option("FIGURE", options->figure, all_names())
        ->required()
        ->check(CLI::IsMember(figure_names()));
    command
        ->add_option("TRACE", options->traces,
                     "Trace file (.h5); two for compare and difference (A - B), up to five for "
                     "stream; files of flow --json for flow; folders of training runs for training")
        ->required()
        ->expected(1, static_cast<int>(kMaxSelected));
    options->page.add_to(*command, /*required=*/true);
    options->flags.add_to(*command, "--keep");
    command
        ->add_option("--style", options->style,
                     "Of the heat map: ratio (share over chance, in colour) or talk (shares 0..1 "
                     "in every cell)")
        ->check(CLI::IsMember({"ratio", "talk"}))
        ->capture_default_str();
    command
        ->add_option("--order", options->order,
                     "Experts of heat maps from left to right: owner, number, load:LAYER, "
                     "share:LAYER:GROUP, similarity:LAYER")
        ->capture_default_str();
    command
        ->add_option("--groups", options->groups,
                     "Heat map: draw these groups only; circuit: colour these (at most 5); tokens: "
                     "a prompt of each")
        ->delimiter(',');
    command
        ->add_option(
            "--layer", options->layer,
            "Similarity: at this layer (default: the mean over all); tokens: of this layer "
            "(default: the last); paths: that begin here (default: the last)")
        ->check(CLI::NonNegativeNumber);
    command
        ->add_option("--align", options->align,
                     "Compare: row by row (tokens), or where tokens of two tokenizers end at one "
                     "byte (bytes)")
        ->check(CLI::IsMember({"tokens", "bytes"}));
    set_examples(
        *command,
        "  alluvium render heatmap apollo.h5 -o heatmap.svg\n"
        "  alluvium render heatmap apollo.h5 -o talk.pdf --style talk\n"
        "  alluvium render heatmap apollo.h5 -o sorted.svg --order share:23:fr\n"
        "  alluvium render divergence apollo.h5 -o divergence.png --data divergence.csv\n"
        "  alluvium render circuit apollo.h5 -o circuit.pdf --keep mass:0.5 --groups fr,ar\n"
        "  alluvium render load apollo.h5 -o load.svg --where class=word\n"
        "  alluvium render similarity apollo.h5 -o similarity.svg --layer 23\n"
        "  alluvium render tokens apollo.h5 -o tokens.svg --layer 23 --groups fr,ar,th\n"
        "  alluvium render tokens apollo.h5 -o classes.svg --by class --groups digit,punctuation\n"
        "  alluvium render paths apollo.h5 -o paths.svg --layer 20\n"
        "  alluvium render compare base.h5 tuned.h5 -o compare.pdf\n"
        "  alluvium render difference base.h5 tuned.h5 -o difference.svg --groups fr,ar\n"
        "  alluvium render stream dense.h5 moe.h5 -o depth.svg   (captured with --record means)\n"
        "  alluvium render flow fr.json ar.json -o one-sentence.svg\n"
        "  alluvium render training hybrid-k top-k -o loss.svg");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include "app/commands/intervention_options.h"

#include <array>
#include <charconv>
#include <sstream>

#include "base/error.h"
#include "model/checkpoint/lineage.h"

namespace alluvium {
namespace {

std::int64_t position(std::string_view word, const std::string& all) {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error == std::errc() && end == word.data() + word.size() && value >= 0) return value;
    throw UserError("--positions: '" + all + "' is not A..B",
                    "positions in the prompt from 0, both included: 0..3, 5.. or ..7");
}

void read_positions(const std::string& text, RowSelection& rows) {
    if (text.empty()) return;
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
        rows.first_position = position(text, text);
        rows.last_position = rows.first_position;
        return;
    }
    const std::string_view all = text;
    const std::string_view first = all.substr(0, dots), last = all.substr(dots + 2);
    if (!first.empty()) rows.first_position = position(first, text);
    if (!last.empty()) rows.last_position = position(last, text);
    if (rows.last_position && *rows.last_position < rows.first_position) {
        throw UserError("--positions: '" + text + "' holds no position", "A is at most B");
    }
}

Operator ablation(const std::string& how) {
    if (how == "drop") return Operator::drop;
    return how == "mean" ? Operator::mean : Operator::reroute;
}

// Layers with a router, all where none are named.
std::vector<LayerId> routed_layers(const std::string& list, const ModelSpec& spec) {
    std::vector<LayerId> layers;
    for (const std::string& word : comma_list(list)) {
        for (const ExpertTarget& target : parse_targets(word + ":0", "--layers", spec)) {
            layers.push_back(target.layer);
        }
    }
    return layers.empty() ? spec.routed_layers() : layers;
}

LanguageSwap language_swap(const std::string& text, std::vector<LayerId> layers) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
        throw UserError("--swap: '" + text + "' is not LANGUAGE:LANGUAGE",
                        "fr:ar routes French as Arabic is routed on average");
    }
    return {text.substr(0, colon), text.substr(colon + 1), std::move(layers)};
}

}  // namespace

std::vector<std::string> comma_list(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

void InterventionFlags::add_to(CLI::App& command) {
    command.add_option("--ablate", ablate_,
                       "Take experts away: L:E,... (layer and expert from 0; * for every routed "
                       "layer; labels of the checkpoint's experts are known: 7:fr)");
    command
        .add_option(
            "--how", how_,
            "Of --ablate: reroute (the next expert takes over), drop (its term is left out), "
            "mean (its term becomes its mean over the unchanged run)")
        ->check(CLI::IsMember({"reroute", "drop", "mean"}))
        ->capture_default_str();
    command.add_option("--force", force_,
                       "L:E,...: always chosen; where absent, in the place of the last of the k");
    command.add_option("--boost", boost_,
                       "L:E,...: their logits are raised by lambda * std of the logits");
    command.add_option("--lambda", lambda_, "Of --boost; below 0 the logits are lowered")
        ->capture_default_str();
    command.add_option(
        "--swap", swap_,
        "fr:ar: French is routed as Arabic is on average (the difference of their mean "
        "logits is added)");
    command.add_option("--layers", layers_, "Of --swap: L,... (default: all routed layers)");
    command.add_option("--positions", positions_,
                       "Change tokens at these positions of a prompt only: A..B, both included");
    command.add_option("--languages", languages_, "Change prompts in these languages only: fr,ar");
}

Intervention InterventionFlags::parsed(const Engine& engine,
                                       std::optional<LanguageSwap>& swap) const {
    const int given = static_cast<int>(!ablate_.empty()) + static_cast<int>(!boost_.empty()) +
                      static_cast<int>(!force_.empty()) + static_cast<int>(!swap_.empty());
    if (given != 1) {
        throw UserError(given == 0 ? "nothing to change" : "more than one change asked for",
                        "give one of --ablate L:E, --force L:E, --boost L:E, --swap fr:ar");
    }
    if (!swap_.empty() && !languages_.empty()) {
        throw UserError("--swap changes its first language only", "leave --languages out");
    }
    const ModelSpec& spec = engine.model->spec();
    const Lineage lineage =
        read_lineage(engine.checkpoint->config(), engine.checkpoint->config_path().string());
    Intervention intervention;
    intervention.lambda = lambda_;
    read_positions(positions_, intervention.rows);
    intervention.rows.languages = comma_list(languages_);
    const auto change = [&](Operator op, const std::string& list, const char* option) {
        if (list.empty()) return;
        intervention.op = op;
        intervention.targets = parse_targets(list, option, spec, lineage.expert_labels);
    };
    change(ablation(how_), ablate_, "--ablate");
    change(Operator::boost, boost_, "--boost");
    change(Operator::force, force_, "--force");
    if (!swap_.empty()) {
        intervention.op = Operator::swap;
        swap = language_swap(swap_, routed_layers(layers_, spec));
    }
    return intervention;
}

}  // namespace alluvium

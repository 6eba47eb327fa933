#include "app/commands/intervention_options.h"

#include <algorithm>
#include <charconv>
#include <map>
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

// By option, as given.
using Settings = std::map<std::string, std::string>;

struct Asked {
    std::string option, list;
    Settings settings;
};

bool is_change(const std::string& option) {
    return option == "--ablate" || option == "--force" || option == "--boost" || option == "--swap";
}

void check_fits(const std::string& setting, const std::string& change) {
    const bool fits = setting == "--how"         ? change == "--ablate"
                      : setting == "--lambda"    ? change == "--boost"
                      : setting == "--layers"    ? change == "--swap"
                      : setting == "--languages" ? change != "--swap"
                                                 : true;
    if (fits) return;
    throw UserError(setting + " stands behind " + change + ", which has no such setting",
                    setting == "--languages" ? "--swap changes its first language only"
                                             : "write it behind the change that it is for");
}

std::string setting_of(const Asked& change, const std::string& name, const std::string& none) {
    const auto found = change.settings.find(name);
    return found == change.settings.end() ? none : found->second;
}

Operator operator_of(const Asked& change) {
    if (change.option == "--force") return Operator::force;
    if (change.option == "--boost") return Operator::boost;
    const std::string how = setting_of(change, "--how", "reroute");
    if (how == "drop") return Operator::drop;
    return how == "mean" ? Operator::mean : Operator::reroute;
}

Intervention intervention_of(const Asked& change, const ModelSpec& spec,
                             const std::vector<std::string>& labels) {
    Intervention intervention;
    const std::string languages = setting_of(change, "--languages", "");
    if (change.option == "--swap") {
        if (!languages.empty()) {
            throw UserError("--swap changes its first language only",
                            "leave --languages out, or write it behind the change it is for");
        }
        intervention = swap_intervention(
            language_swap(change.list, routed_layers(setting_of(change, "--layers", ""), spec)));
    } else {
        intervention.op = operator_of(change);
        intervention.targets = parse_targets(change.list, change.option, spec, labels);
        intervention.lambda = std::stod(setting_of(change, "--lambda", "1"));
        intervention.rows.languages = comma_list(languages);
    }
    read_positions(setting_of(change, "--positions", ""), intervention.rows);
    return intervention;
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

CLI::Option* InterventionFlags::add(CLI::App& command, const std::string& option,
                                    const std::string& help) {
    return command
        .add_option_function<std::string>(
            option,
            [this, option](const std::string& value) {
                words_.push_back({option, value});
            },
            help)
        ->trigger_on_parse();  // in the order of the command line, each time it stands there
}

void InterventionFlags::add_to(CLI::App& command) {
    add(command, "--ablate",
        "Take experts away: L:E,... (layer and expert from 0; * for every routed layer; labels of "
        "the checkpoint's experts are known: 7:fr). This and other changes, each as often as "
        "wanted, act together");
    add(command, "--how",
        "Of --ablate: reroute (the next expert takes over), drop (its term is left out), "
        "mean (its term becomes its mean over the unchanged run)")
        ->check(CLI::IsMember({"reroute", "drop", "mean"}))
        ->default_str("reroute");
    add(command, "--force",
        "L:E,...: always chosen; where absent, in the place of the last of the k");
    add(command, "--boost", "L:E,...: their logits are raised by lambda * std of the logits");
    add(command, "--lambda", "Of --boost; below 0 the logits are lowered")
        ->check(CLI::Number)
        ->type_name("FLOAT")
        ->default_str("1");
    add(command, "--swap",
        "fr:ar: French is routed as Arabic is on average (the difference of their mean "
        "logits is added)");
    add(command, "--layers", "Of --swap: L,... (default: all routed layers)");
    add(command, "--positions",
        "Change tokens at these positions of a prompt only: A..B, both included. Like --how, "
        "--lambda, --layers and --languages: behind a change for that change, in front of the "
        "first for all");
    add(command, "--languages", "Change prompts in these languages only: fr,ar");
}

bool InterventionFlags::given() const {
    return std::ranges::any_of(words_, [](const Word& word) { return is_change(word.option); });
}

std::vector<Intervention> InterventionFlags::parsed(const Engine& engine) const {
    Settings for_all;
    std::vector<Asked> changes;
    for (const Word& word : words_) {
        if (is_change(word.option)) {
            changes.push_back({word.option, word.value, for_all});
        } else if (changes.empty()) {
            for_all[word.option] = word.value;
        } else {
            check_fits(word.option, changes.back().option);
            changes.back().settings[word.option] = word.value;
        }
    }
    if (changes.empty()) {
        throw UserError("nothing to change",
                        "give --ablate L:E, --force L:E, --boost L:E or --swap fr:ar; several act "
                        "together");
    }
    const ModelSpec& spec = engine.model->spec();
    const Lineage lineage =
        read_lineage(engine.checkpoint->config(), engine.checkpoint->config_path().string());
    std::vector<Intervention> interventions;
    for (const Asked& change : changes) {
        interventions.push_back(intervention_of(change, spec, lineage.expert_labels));
    }
    return interventions;
}

}  // namespace alluvium

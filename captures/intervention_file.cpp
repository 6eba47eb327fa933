#include "captures/intervention_file.h"

#include <limits>

#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

double number(const Json& json) {
    return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

MeasuredEffect effect_of(const Json& json) {
    return {number(json.at(0)), number(json.at(1)), number(json.at(2))};
}

EffectOnLanguage language_of(const std::string& language, const Json& json) {
    const Json& control = json.at("control");
    return {.language = language,
            .tokens = json.at("tokens").get<std::uint64_t>(),
            .visited = number(json.at("visited")),
            .nll_change = effect_of(json.at("nll_change")),
            .kl = number(json.at("kl")),
            .top1_change = number(json.at("top1_change")),
            .controls = control.at("n").get<std::size_t>(),
            .at_least = control.at("at_least").get<std::size_t>(),
            .control_mean = number(control.at("nll_change_mean")),
            .control_sd = number(control.at("nll_change_sd")),
            .control_low = number(control.at("low")),
            .control_high = number(control.at("high")),
            .p = number(control.at("p"))};
}

InterventionFile parse(const Json& json) {
    InterventionFile file;
    file.checkpoint = json.at("checkpoint").get<std::string>();
    file.checkpoint_id = json.at("checkpoint_id").get<std::string>();
    file.change = json.at("operator").get<std::string>();
    for (const Json& target : json.at("targets")) {
        file.targets.emplace_back(target.at(0).get<LayerId>(), target.at(1).get<ExpertId>());
    }
    for (const Json& change : json.value("interventions", Json::array())) {
        file.acting.push_back(change.at("words").get<std::string>());
    }
    for (const auto& [language, effect] : json.at("groups").items()) {
        file.languages.push_back(language_of(language, effect));
    }
    for (const Json& answer : json.value("needed_by", Json::array())) {
        file.sentences.push_back(answer.at("sentence").get<std::string>());
    }
    file.notes = json.at("notes").get<std::vector<std::string>>();
    return file;
}

}  // namespace

std::string InterventionFile::name() const {
    if (acting.size() > 1) {
        std::string text;
        for (const std::string& words : acting) text += (text.empty() ? "" : " + ") + words;
        return text;
    }
    std::string text = change;
    for (const auto& [layer, expert] : targets) {
        text += " " + std::to_string(layer) + ":" + std::to_string(expert);
    }
    return text;
}

bool holds_intervention(const std::filesystem::path& path) {
    try {
        const Json json = read_json(path);
        return json.is_object() && json.contains("operator") && json.contains("groups");
    } catch (const UserError&) {
        return false;
    }
}

InterventionFile read_intervention_file(const std::filesystem::path& path) {
    const Json json = read_json(path);
    try {
        return parse(json);
    } catch (const Json::exception& error) {
        throw UserError("'" + path.string() + "' is no result of an intervention: " + error.what(),
                        "give a file that 'alluvium intervene --json F' wrote");
    }
}

}  // namespace alluvium

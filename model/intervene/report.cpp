#include "model/intervene/report.h"

namespace alluvium {
namespace {

Json interval_json(const Estimate& e) {
    return Json::array({json_number(e.low), json_number(e.high)});
}

Json estimate_json(const Estimate& e) {
    return Json::array({json_number(e.value), json_number(e.low), json_number(e.high)});
}

Json loads_json(const std::vector<TargetLoad>& loads) {
    Json list = Json::array();
    for (const TargetLoad& load : loads) {
        list.push_back(
            {{"target", {load.target.layer, load.target.expert}}, {"tokens", load.tokens}});
    }
    return list;
}

Json targets_json(const std::vector<ExpertTarget>& targets) {
    Json list = Json::array();
    for (const ExpertTarget& target : targets) list.push_back({target.layer, target.expert});
    return list;
}

Json control_json(const LanguageEffect& language) {
    const ControlSpread& nll = language.nll_change.spread;
    return {{"n", nll.n},
            {"visited", json_number(language.visited_by_controls)},
            {"nll_change_mean", json_number(nll.mean)},
            {"nll_change_sd", json_number(nll.sd)},
            {"low", json_number(nll.low)},
            {"high", json_number(nll.high)},
            {"at_least", nll.at_least},
            {"p", json_number(nll.p)},
            {"kl_mean", json_number(language.kl.spread.mean)},
            {"kl_sd", json_number(language.kl.spread.sd)},
            {"top1_change_mean", json_number(language.top1_change.spread.mean)},
            {"top1_change_sd", json_number(language.top1_change.spread.sd)}};
}

Json groups_json(const InterventionResult& result) {
    Json groups = Json::object();
    for (const LanguageEffect& language : result.languages) {
        groups[language.language] = {
            {"prompts", language.prompts},
            {"tokens", language.tokens},
            {"missing", language.missing},
            {"visited", json_number(language.visited)},
            {"nll_change", estimate_json(language.nll_change.estimate)},
            {"kl", json_number(language.kl.estimate.value)},
            {"kl_interval", interval_json(language.kl.estimate)},
            {"top1_change", json_number(language.top1_change.estimate.value)},
            {"top1_interval", interval_json(language.top1_change.estimate)},
            {"control", control_json(language)}};
    }
    return groups;
}

// Each control with its experts, their load and its NLL change in each language.
Json controls_json(const InterventionResult& result) {
    Json list = Json::array();
    for (std::size_t c = 0; c < result.controls.size(); ++c) {
        Json changes = Json::object();
        for (const LanguageEffect& language : result.languages) {
            changes[language.language] = json_number(language.nll_change.controls[c]);
        }
        list.push_back({{"experts", loads_json(result.controls[c])}, {"nll_change", changes}});
    }
    return list;
}

Json rows_json(const RowSelection& rows) {
    return {{"first_position", rows.first_position},
            {"last_position", rows.last_position ? Json(*rows.last_position) : Json(nullptr)},
            {"languages", rows.languages}};
}

// How it acts, beside operator and targets.
Json details_json(const Intervention& change) {
    Json json = {{"rows", rows_json(change.rows)}};
    if (change.op == Operator::boost) json["lambda"] = change.lambda;
    if (change.swap) {
        json["swap"] = {
            {"from", change.swap->from}, {"to", change.swap->to}, {"layers", change.swap->layers}};
    }
    return json;
}

std::string operators_word(const Variant& together) {
    std::string word;
    for (const Intervention& change : together) {
        word += word.empty() ? "" : " + ";
        word += operator_word(change.op);
    }
    return word;
}

Json necessity_json(const std::vector<Necessity>& answers) {
    Json list = Json::array();
    for (const Necessity& n : answers) {
        list.push_back({{"needed_by", n.by},
                        {"not_by", n.not_by},
                        {"needed_by_verdict", need_word(n.by_need)},
                        {"not_by_verdict", need_word(n.not_by_need)},
                        {"difference", estimate_json(n.difference)},
                        {"exclusive", n.exclusive},
                        {"sentence", n.sentence}});
    }
    return list;
}

Json answers_json(const std::vector<AnswerEffect>& answers) {
    Json groups = Json::object();
    for (const AnswerEffect& effect : answers) {
        const ControlSpread& spread = effect.change.spread;
        groups[effect.language] = {{"questions", effect.questions},
                                   {"accuracy", json_number(effect.accuracy)},
                                   {"changed", json_number(effect.changed)},
                                   {"change", estimate_json(effect.change.estimate)},
                                   {"control",
                                    {{"n", spread.n},
                                     {"change_mean", json_number(spread.mean)},
                                     {"change_sd", json_number(spread.sd)},
                                     {"low", json_number(spread.low)},
                                     {"high", json_number(spread.high)},
                                     {"at_least", spread.at_least},
                                     {"p", json_number(spread.p)}}}};
    }
    return groups;
}

}  // namespace

Json intervention_json(const InterventionReport& report) {
    const InterventionResult& result = report.result;
    const Variant& together = result.together();
    Json json = {{"checkpoint", report.checkpoint},
                 {"checkpoint_id", report.checkpoint_id},
                 {"operator", operators_word(together)},
                 {"targets", targets_json(targets_of(together))},
                 {"load", loads_json(result.targets)},
                 {"interventions", Json::array()},
                 {"groups", groups_json(result)},
                 {"controls", controls_json(result)},
                 {"notes", result.notes}};
    for (const Intervention& change : together) {
        Json one = details_json(change);
        if (together.size() == 1) json.update(one);
        one["operator"] = operator_word(change.op);
        one["targets"] = targets_json(change.targets);
        one["words"] = intervention_words(change);
        json["interventions"].push_back(one);
    }
    if (!report.necessity.empty()) json["needed_by"] = necessity_json(report.necessity);
    if (!report.answers.empty()) json["questions"] = answers_json(report.answers);
    return json;
}

}  // namespace alluvium

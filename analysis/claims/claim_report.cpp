#include "analysis/claims/claim_report.h"

#include <cmath>
#include <filesystem>

#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

std::string hypothesis(const Claim& claim) {
    if (claim.effect) {
        return "relative divergence, " + claim.effect->higher.name + " minus " +
               claim.effect->lower.name + ", is above " + fixed_text(claim.effect->above, 3);
    }
    std::string text = "the verdict is ";
    for (std::size_t i = 0; i < claim.patterns.size(); ++i) {
        text += (i == 0 ? "" : " or ") + std::string(to_string(claim.patterns[i]));
    }
    return text;
}

std::string controls_text(const ClaimControls& controls) {
    std::string text;
    const auto add = [&text](const std::string& control) {
        text += (text.empty() ? "" : "; ") + control;
    };
    if (controls.remainder) add("the same between tokens of equal class, place and id");
    if (controls.random_router) add("late layers above routers that learned nothing");
    if (controls.robustness > 0) {
        add("at least " + fixed_text(100 * controls.robustness, 0) +
            " % of the other ways to count agree");
    }
    return text.empty() ? "none" : text;
}

// Two columns: what was fixed, and how.
ReportTable fixed_beforehand(const Claim& claim) {
    const std::string of = " " + group_noun(claim.options.by);
    ReportTable table{{"fixed", "to"}, {}};
    const auto add = [&table](const std::string& what, const std::string& how) {
        if (!how.empty()) table.rows.push_back({what, how});
    };
    add("claim file",
        std::filesystem::path(claim.path).filename().string() + ", hash " + claim.file_hash);
    add("source", claim.source);
    add("hypothesis", hypothesis(claim));
    add("groups", "by " + claim.options.by + ", at least " + thousands_text(claim.fewest_groups) +
                      of + ", " + thousands_text(claim.fewest_units) +
                      " translation groups or prompts");
    add("prompt set", claim.prompt_set);
    add("slice", claim.options.where);
    add("weighting", claim.options.weighting == Weighting::mass ? "mass" : "count");
    add("controls", controls_text(claim.controls));
    add("planned power",
        fixed_text(claim.power.power) + " for an effect of " + fixed_text(claim.power.effect));
    add("seed", std::to_string(claim.options.seed));
    return table;
}

std::string name_of(const ClaimResult& result) {
    return std::filesystem::path(result.path).stem().string();
}

std::string power_text(double power) {
    if (!std::isfinite(power)) return "-";
    return power > 0.99 ? "above 0.99" : fixed_text(power);
}

// A row for each effect of each trace; of a trace without any, one row.
ReportTable results_table(const std::vector<ClaimResult>& results) {
    ReportTable table{{"trace", "outcome", "verdict", "effect", "value, 95 % interval", "power",
                       "units", "units needed"},
                      {}};
    for (const ClaimResult& result : results) {
        const std::vector<std::string> start = {name_of(result),
                                                std::string(to_string(result.outcome)),
                                                std::string(to_string(result.verdict.pattern))};
        const std::string units =
            result.design.units > 0 ? thousands_text(result.design.units) : std::string("-");
        const auto add = [&](std::vector<std::string> rest) {
            std::vector<std::string> row = start;
            row.insert(row.end(), rest.begin(), rest.end());
            table.rows.push_back(std::move(row));
        };
        if (result.effects.empty()) add({"-", "-", "-", units, "-"});
        for (const MeasuredEffect& effect : result.effects) {
            add({effect.name, interval_text(effect.value), power_text(effect.power), units,
                 effect.units_needed > 0 ? thousands_text(effect.units_needed) : "-"});
        }
    }
    return table;
}

std::string sample_text(const ClaimResult& result, const std::string& by) {
    std::string text = result.path + ": ";
    if (!result.model.name.empty()) text += result.model.name + ", ";
    if (!result.model.checkpoint_id.empty()) {
        text += "checkpoint " + result.model.checkpoint_id + ", ";
    }
    text += thousands_text(result.groups) + " " + group_noun(by);
    if (result.design.prompts > 0) {
        text += ", " + thousands_text(result.design.units) + " " + result.design.unit_name + ", " +
                thousands_text(result.design.prompts) + " prompts";
    }
    if (!result.design.prompt_set.empty()) text += ", prompt set " + result.design.prompt_set;
    return text + ", " + thousands_text(result.tokens) + " tokens.";
}

std::string headline(const std::vector<ClaimResult>& results) {
    std::size_t supported = 0, refuted = 0;
    for (const ClaimResult& result : results) {
        supported += result.outcome == Outcome::supported ? 1 : 0;
        refuted += result.outcome == Outcome::refuted ? 1 : 0;
    }
    return "Supported by " + std::to_string(supported) + " of " + std::to_string(results.size()) +
           " traces, refuted by " + std::to_string(refuted) + ", left open by " +
           std::to_string(results.size() - supported - refuted) + ".";
}

}  // namespace

Report claim_report(const Claim& claim, const std::vector<ClaimResult>& results, Figure forest,
                    const std::string& made_by) {
    Report report{"Claim: " + claim.name, {}};
    const auto add = [&report](ReportBlock block) { report.blocks.push_back(std::move(block)); };
    if (!claim.statement.empty()) add(ReportParagraph{claim.statement});
    add(ReportParagraph{headline(results)});
    add(ReportPicture{std::move(forest),
                      "Forest plot: the effects of every trace with 95 % intervals; the table "
                      "below has its numbers."});
    add(ReportHeading{"Results"});
    add(results_table(results));
    add(ReportParagraph{
        "Effects are differences of mean relative divergence between windows of routed layers. "
        "Power: the chance with which this sample shows the planned effect; units needed: for the "
        "planned power. Rules: docs/claims.md, docs/metrics.md."});
    add(ReportHeading{"Why"});
    for (const ClaimResult& result : results) {
        add(ReportParagraph{name_of(result) + " is " + std::string(to_string(result.outcome)) +
                            ". " + sample_text(result, claim.options.by)});
        add(ReportList{result.reasons});
    }
    add(ReportHeading{"Fixed beforehand"});
    add(fixed_beforehand(claim));
    add(
        ReportParagraph{"The hash is of the claim file's bytes: a file that was changed afterwards "
                        "has another. Made by: " +
                        made_by});
    return report;
}

}  // namespace alluvium

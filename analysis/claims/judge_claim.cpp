#include "analysis/claims/judge_claim.h"

#include <algorithm>
#include <cmath>

#include "analysis/class_split_trace.h"
#include "analysis/depth_resamples.h"
#include "analysis/layer_metrics.h"
#include "analysis/number_text.h"
#include "analysis/prompt_counts.h"
#include "analysis/sample.h"
#include "analysis/share.h"
#include "analysis/student_t.h"

namespace alluvium {
namespace {

// The curve that analyze() judges, without null and bootstrap.
DepthCurve read_curve(const RoutingTrace& whole, AnalysisOptions options, Progress& progress) {
    const GroupedTrace grouped(whole, options.by, progress);
    const RoutingTrace& trace = grouped.get();
    options.permutations = options.bootstraps = options.noise_splits = 0;
    progress.start(trace.header().token_count * (1 + trace.layers().size()));
    const Sample sample = take_sample(trace, options, progress);
    DepthResamples resamples(sample.units, trace.layers().size(), options);
    const bool by_mass = options.weighting == Weighting::mass;
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        const PromptCounts counts = count_prompts(trace, l, sample.selection, by_mass, progress);
        const Grid<double> selections = to_weights(counts.selections);
        const Grid<double>& rows = by_mass ? counts.mass : selections;
        LayerAnalysis layer =
            layer_metrics(trace.layers()[l],
                          {sum_by_label(selections, sample.units.labels, sample.units.groups),
                           sum_by_label(rows, sample.units.labels, sample.units.groups),
                           tokens_by_group(counts.tokens, sample.units)},
                          options);
        resamples.add_layer(rows, layer, progress);
    }
    return resamples.curve();
}

std::vector<double> weights_of(const ClaimWindow& window, const DepthCurve& curve) {
    const std::size_t n = curve.size();
    const Thirds thirds = thirds_of(n);
    if (window.name == "early") return window_mean(curve, 0, thirds.middle_begin);
    if (window.name == "middle") return window_mean(curve, thirds.middle_begin, thirds.late_begin);
    if (window.name == "late") return window_mean(curve, thirds.late_begin, thirds.end);
    if (window.name == "last_two") return window_mean(curve, n - std::min<std::size_t>(2, n), n);
    const auto layers = static_cast<double>(n);
    const auto first_inside = [&](double depth) {
        const double index = std::ceil(depth * layers - 0.5);
        return static_cast<std::size_t>(std::clamp(index, 0.0, layers));
    };
    return window_mean(curve, first_inside(window.from), first_inside(window.to));
}

void plan(const JackknifeResult& result, const ClaimPower& power, std::size_t units,
          MeasuredEffect& effect) {
    if (!(result.standard_error > 0) || !(result.degrees > 0)) return;
    const double critical = student_t_quantile(0.975, result.degrees);
    const double size = power.effect / result.standard_error;
    effect.power = 1 - student_t_cdf(critical - size, result.degrees);
    const double needed = (critical + student_t_quantile(power.power, result.degrees)) / size;
    effect.units_needed =
        static_cast<std::size_t>(std::ceil(static_cast<double>(units) * needed * needed));
}

MeasuredEffect measure(const ClaimEffect& wanted, const DepthCurve& curve,
                       const ClaimPower& power) {
    MeasuredEffect effect;
    effect.name = wanted.higher.name + " - " + wanted.lower.name;
    std::vector<double> weights = weights_of(wanted.higher, curve);
    const std::vector<double> lower = weights_of(wanted.lower, curve);
    for (std::size_t l = 0; l < weights.size(); ++l) weights[l] -= lower[l];
    const JackknifeResult result = curve.combination(weights);
    effect.value = result.interval();
    plan(result, power, curve.without.rows(), effect);
    return effect;
}

enum class Answer { holds, fails, open };

class Judge {
  public:
    Judge(const Claim& claim, const Analysis& analysis, ClaimResult& result)
        : claim_(claim), analysis_(analysis), result_(result) {}

    void judge() {
        if (!sample_is_as_claimed()) return;
        const Answer answer = claim_.effect ? of_effect() : of_pattern();
        if (answer == Answer::fails) result_.outcome = Outcome::refuted;
        if (answer == Answer::open) explain_power();
        if (answer != Answer::holds) return;
        result_.outcome = controls();
    }

  private:
    void say(std::string reason) { result_.reasons.push_back(std::move(reason)); }

    bool sample_is_as_claimed() {
        const PromptDesign& design = analysis_.design;
        bool fits = true;
        const auto refuse = [&](std::string reason) {
            say(std::move(reason));
            fits = false;
        };
        if (!claim_.prompt_set.empty() && design.prompt_set != claim_.prompt_set) {
            refuse("other prompts than the claim names: " +
                   (design.prompt_set.empty() ? "unknown" : design.prompt_set) + " instead of " +
                   claim_.prompt_set);
        }
        if (analysis_.groups.size() < claim_.fewest_groups) {
            refuse(thousands_text(analysis_.groups.size()) + " groups, at least " +
                   thousands_text(claim_.fewest_groups) + " were claimed about");
        }
        if (analysis_.kind == TraceKind::counts) {
            refuse(
                "counts per group without prompts: nothing says how sure they are (the estimates "
                "alone say " +
                std::string(to_string(analysis_.verdict.pattern)) + ")");
        } else if (design.units < claim_.fewest_units) {
            refuse(thousands_text(design.units) + " " + design.unit_name + ", at least " +
                   thousands_text(claim_.fewest_units) + " were claimed about");
        }
        return fits;
    }

    Answer of_effect() {
        const MeasuredEffect& effect = result_.effects.front();
        if (!effect.value.has_interval()) {
            const auto why = analysis_.missing.find("divergence.corrected");
            say("no interval" + (why == analysis_.missing.end() ? "" : ": " + why->second));
            return Answer::open;
        }
        const double above = claim_.effect->above;
        const std::string text = effect.name + " is " + interval_text(effect.value) +
                                 ", claimed above " + fixed_text(above);
        say(text);
        if (effect.value.low > above) return Answer::holds;
        return effect.value.high < above ? Answer::fails : Answer::open;
    }

    bool is_claimed(Pattern pattern) const {
        return std::find(claim_.patterns.begin(), claim_.patterns.end(), pattern) !=
               claim_.patterns.end();
    }

    Answer of_pattern() {
        const Pattern pattern = analysis_.verdict.pattern;
        const auto why = analysis_.missing.find("verdict.d_late");
        say("the verdict is " + std::string(to_string(pattern)) +
            (why == analysis_.missing.end() ? "" : " (" + why->second + ")"));
        if (!is_conclusive(pattern)) return Answer::open;
        return is_claimed(pattern) ? Answer::holds : Answer::fails;
    }

    void explain_power() {
        for (const MeasuredEffect& effect : result_.effects) {
            if (!std::isfinite(effect.power) || effect.power >= claim_.power.power) continue;
            say("an effect of " + fixed_text(claim_.power.effect) + " in " + effect.name +
                " would have been seen with a power of " + fixed_text(effect.power) +
                ", planned was " + fixed_text(claim_.power.power) + "; that takes about " +
                thousands_text(effect.units_needed) + " " + analysis_.design.unit_name + " (here " +
                thousands_text(analysis_.design.units) + ")");
        }
    }

    Outcome controls() {
        std::vector<Answer> answers;
        if (claim_.controls.remainder) answers.push_back(remainder());
        if (claim_.controls.random_router) answers.push_back(random_router());
        if (claim_.controls.robustness > 0) answers.push_back(robustness());
        const auto any = [&](Answer answer) {
            return std::find(answers.begin(), answers.end(), answer) != answers.end();
        };
        if (any(Answer::fails)) return Outcome::refuted;
        return any(Answer::open) ? Outcome::inconclusive : Outcome::supported;
    }

    Answer remainder() {
        const auto& found = analysis_.verdict.remainder;
        const auto why = analysis_.missing.find("verdict.remainder_pattern");
        if (!found) {
            say("control: between equal tokens unknown" +
                (why == analysis_.missing.end() ? "" : ": " + why->second));
            return Answer::open;
        }
        say("control: between tokens of equal class, place and id it is " +
            std::string(to_string(found->pattern)) + " (" + fixed_text(100 * found->support, 0) +
            " % of the tokens can be compared)");
        if (!is_conclusive(found->pattern)) return Answer::open;
        return is_claimed(found->pattern) ? Answer::holds : Answer::fails;
    }

    // Means over the verdict's late layers.
    Answer random_router() {
        double learned = 0, random = 0;
        std::size_t layers = 0;
        for (std::size_t l = thirds_of(analysis_.layers.size()).late_begin;
             l < analysis_.layers.size(); ++l) {
            learned += analysis_.layers[l].divergence.corrected;
            random += analysis_.layers[l].random_router.high;
            ++layers;
        }
        const auto count = static_cast<double>(layers);
        if (!std::isfinite(learned) || !std::isfinite(random)) {
            say("control: the trace holds no choices of redrawn routers (capture --random-router "
                "4)");
            return Answer::open;
        }
        say("control: divergence in the late layers is " + fixed_text(learned / count, 3) +
            ", 97.5 % of routers that learned nothing stay below " + fixed_text(random / count, 3));
        return learned > random ? Answer::holds : Answer::fails;
    }

    Answer robustness() {
        std::size_t decided = 0, agreeing = 0;
        for (const RobustnessRow& row : analysis_.verdict.robustness) {
            if (!is_conclusive(row.pattern)) continue;
            ++decided;
            agreeing += is_claimed(row.pattern);
        }
        if (decided == 0) {
            say("control: no other way to count can be judged");
            return Answer::open;
        }
        say("control: " + std::to_string(agreeing) + " of " + std::to_string(decided) +
            " other ways to count that decide say the same; claimed were " +
            fixed_text(100 * claim_.controls.robustness, 0) + " %");
        const double share = static_cast<double>(agreeing) / static_cast<double>(decided);
        // A verdict that turns with the way to count is no verdict against the claim.
        return share >= claim_.controls.robustness ? Answer::holds : Answer::open;
    }

    const Claim& claim_;
    const Analysis& analysis_;
    ClaimResult& result_;
};

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::supported:
            return "supported";
        case Outcome::refuted:
            return "refuted";
        case Outcome::inconclusive:
            return "inconclusive";
    }
    return "";
}

ClaimResult judge_claim(const RoutingTrace& trace, const Claim& claim, Progress& progress) {
    AnalysisOptions options = claim.options;
    options.controls.robustness = claim.controls.robustness > 0;
    options.controls.information = claim.controls.remainder || claim.controls.random_router;
    const Analysis analysis = analyze(trace, options, progress);
    ClaimResult result;
    result.path = trace.header().path;
    result.model = trace.header().model;
    result.verdict = analysis.verdict;
    result.design = analysis.design;
    result.tokens = analysis.census.selected;
    result.groups = analysis.groups.size();
    if (trace.header().kind == TraceKind::tokens) {
        const DepthCurve curve = read_curve(trace, options, progress);
        const ClaimWindow early{"early", 0, 0}, middle{"middle", 0, 0}, late{"late", 0, 0};
        if (claim.effect) {
            result.effects.push_back(measure(*claim.effect, curve, claim.power));
        } else {
            result.effects.push_back(measure({late, middle, 0}, curve, claim.power));
            result.effects.push_back(measure({early, middle, 0}, curve, claim.power));
        }
    }
    Judge(claim, analysis, result).judge();
    return result;
}

}  // namespace alluvium

#include "model/intervene/answer_effects.h"

#include <algorithm>

#include "model/intervene/control_spread.h"
#include "model/intervene/intervention_edit.h"

namespace alluvium {
namespace {

using Answers = std::vector<std::optional<std::size_t>>;

// Labels of the questions in alphabetical order.
std::vector<std::string> languages_of(const QuestionSet& set) {
    std::vector<std::string> labels;
    for (const Question& question : set.questions) labels.push_back(question.language);
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
}

std::vector<RatioUnit> correct(const QuestionSet& set, const Answers& answers) {
    std::vector<RatioUnit> units;
    for (std::size_t q = 0; q < answers.size(); ++q) {
        units.push_back({answers[q] == set.questions[q].answer ? 1.0 : 0.0, 1.0});
    }
    return units;
}

std::vector<RatioUnit> change(std::vector<RatioUnit> after, const std::vector<RatioUnit>& before) {
    for (std::size_t q = 0; q < after.size(); ++q) after[q].numerator -= before[q].numerator;
    return after;
}

}  // namespace

std::vector<AnswerEffect> answer_effects(const Engine& engine, const QuestionSet& set,
                                         const std::vector<Variant>& variants,
                                         const EvaluationOptions& options, Progress& progress) {
    const std::vector<std::string> labels = languages_of(set);
    std::vector<ObservationKey> keys;
    for (const Question& question : set.questions) {
        const auto place = std::ranges::find(labels, question.language) - labels.begin();
        keys.push_back({static_cast<std::size_t>(place), ""});
    }
    const std::vector<RatioUnit> before =
        correct(set, answer_questions(engine, set, options, progress));
    std::vector<std::vector<RatioUnit>> after;
    for (const Variant& variant : variants) {
        EvaluationOptions edited = options;
        edited.scoring.edit = std::make_shared<InterventionEdit>(variant);
        after.push_back(correct(set, answer_questions(engine, set, edited, progress)));
    }
    const PairedBootstrap bootstrap(keys, options.bootstrap);
    std::vector<AnswerEffect> effects;
    for (std::size_t g = 0; g < labels.size(); ++g) {
        AnswerEffect& effect = effects.emplace_back();
        effect.language = labels[g];
        effect.questions =
            static_cast<std::size_t>(std::ranges::count(keys, g, &ObservationKey::language));
        effect.accuracy = bootstrap.value(before, g);
        effect.changed = bootstrap.value(after.front(), g);
        effect.change.estimate = bootstrap.ratio(change(after.front(), before), g);
        std::vector<double> losses;
        for (std::size_t v = 1; v < after.size(); ++v) {
            effect.change.controls.push_back(bootstrap.value(change(after[v], before), g));
            losses.push_back(-effect.change.controls.back());
        }
        effect.change.spread = spread_of(effect.change.estimate.value, effect.change.controls);
        const ControlSpread as_losses = spread_of(-effect.change.estimate.value, losses);
        effect.change.spread.at_least = as_losses.at_least;
        effect.change.spread.p = as_losses.p;
    }
    return effects;
}

}  // namespace alluvium

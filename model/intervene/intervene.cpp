#include "model/intervene/intervene.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/error.h"
#include "model/forward/forward_pass.h"
#include "model/intervene/control_spread.h"
#include "model/intervene/effects.h"
#include "model/intervene/intervention_edit.h"
#include "model/intervene/variants.h"

namespace alluvium {
namespace {

constexpr double kMissingValue = std::numeric_limits<double>::quiet_NaN();

// [prompts] sums over a prompt's judged tokens, over their number.
struct PromptEffects {
    explicit PromptEffects(std::size_t prompts) : nll(prompts), kl(prompts), top1(prompts) {}
    std::vector<RatioUnit> nll, kl, top1;

    void add(std::size_t prompt, const TokenEffect& effect) {
        const auto add_to = [&](std::vector<RatioUnit>& sums, double value) {
            sums[prompt].numerator += value;
            sums[prompt].denominator += 1;
        };
        add_to(nll, effect.nll_change);
        add_to(kl, effect.kl);
        add_to(top1, effect.top1_changed ? 1 : 0);
    }
};

ForwardOptions exact_rows(const Model& model, std::shared_ptr<const RoutingEdit> edit) {
    return {.batch_invariant = model.device().is_cpu(), .route = {}, .edit = std::move(edit)};
}

class InterventionRun {
  public:
    InterventionRun(const Engine& engine, const JudgedPrompts& prompts, Progress& progress)
        : engine_(engine), prompts_(prompts), progress_(progress) {}

    RunStatistics unchanged(std::vector<LayerId> term_layers) {
        RunStatistics statistics(engine_.model, prompts_.languages.size(), std::move(term_layers));
        const ForwardPass forward(engine_.model, exact_rows(*engine_.model, nullptr));
        for (const JudgedBatch& batch : prompts_.batches) {
            statistics.begin(batch.language);
            forward.run(batch.tokens, statistics, progress_);
            advance(batch);
        }
        return statistics;
    }

    // [variants]
    std::vector<PromptEffects> changed(const std::vector<Variant>& variants) {
        const ForwardPass unchanged(engine_.model, exact_rows(*engine_.model, nullptr));
        std::vector<ForwardPass> passes;
        for (const Variant& variant : variants) {
            passes.emplace_back(
                engine_.model,
                exact_rows(*engine_.model, std::make_shared<InterventionEdit>(variant)));
        }
        const LayerId first = first_layer(variants.front());
        std::vector<PromptEffects> effects(variants.size(), PromptEffects(prompts_.keys.size()));
        for (const JudgedBatch& batch : prompts_.batches) {
            BasePredictions base(first);
            unchanged.run(batch.tokens, base, progress_);
            advance(batch);
            for (std::size_t v = 0; v < variants.size(); ++v) {
                EffectObserver observer(base, batch.next);
                passes[v].run_from(first, base.hidden(), batch.tokens, observer, progress_);
                collect(batch, observer.effects(), effects[v]);
                advance(batch);
            }
        }
        return effects;
    }

  private:
    // From where on runs can differ.
    LayerId first_layer(const Variant& variant) const {
        const std::vector<LayerId> layers = changed_layers(variant);
        return layers.empty() ? engine_.model->spec().routed_layers().front() : layers.front();
    }

    void advance(const JudgedBatch& batch) {
        progress_.advance(static_cast<std::uint64_t>(batch.tokens.tokens()));
    }

    static void collect(const JudgedBatch& batch,
                        const std::vector<std::optional<TokenEffect>>& tokens,
                        PromptEffects& effects) {
        for (std::size_t p = 0; p < batch.prompts.size(); ++p) {
            for (std::int64_t row = batch.tokens.begin(p); row < batch.tokens.end(p); ++row) {
                const auto& effect = tokens[static_cast<std::size_t>(row)];
                if (effect) effects.add(batch.prompts[p], *effect);
            }
        }
    }

    const Engine& engine_;
    const JudgedPrompts& prompts_;
    Progress& progress_;
};

using Measure = std::vector<RatioUnit> PromptEffects::*;

Effect effect_of(const std::vector<PromptEffects>& variants, Measure measure,
                 const PairedBootstrap& bootstrap, std::size_t language) {
    Effect effect;
    effect.estimate = bootstrap.ratio(variants.front().*measure, language);
    for (std::size_t v = 1; v < variants.size(); ++v) {
        effect.controls.push_back(bootstrap.value(variants[v].*measure, language));
    }
    effect.spread = spread_of(effect.estimate.value, effect.controls);
    return effect;
}

// Share of a language's tokens that chose a target, mean over targets.
double visited(const RunStatistics& run, const std::vector<ExpertTarget>& targets,
               std::size_t language) {
    double sum = 0;
    for (const ExpertTarget& target : targets) {
        sum += static_cast<double>(
            run.visits(target.layer)(language, static_cast<std::size_t>(target.expert)));
    }
    return sum / static_cast<double>(targets.size()) / static_cast<double>(run.tokens(language));
}

double visited_by_controls(const RunStatistics& run, const std::vector<Variant>& variants,
                           std::size_t language) {
    double sum = 0;
    for (std::size_t v = 1; v < variants.size(); ++v) {
        sum += visited(run, targets_of(variants[v]), language);
    }
    return sum / static_cast<double>(variants.size() - 1);
}

std::vector<TargetLoad> loads_of(const RunStatistics& run,
                                 const std::vector<ExpertTarget>& targets) {
    std::vector<TargetLoad> loads;
    for (const ExpertTarget& target : targets) {
        loads.push_back({target, run.load(target.layer)[static_cast<std::size_t>(target.expert)]});
    }
    return loads;
}

// Where the prompts' tokens are judged, and in which language.
void count_tokens(const JudgedPrompts& prompts, const PromptEffects& measured,
                  std::vector<LanguageEffect>& languages) {
    for (std::size_t p = 0; p < prompts.keys.size(); ++p) {
        LanguageEffect& language = languages[prompts.keys[p].language];
        ++language.prompts;
        language.tokens += static_cast<std::uint64_t>(measured.nll[p].denominator);
    }
    for (const JudgedBatch& batch : prompts.batches) {
        for (std::size_t p = 0; p < batch.prompts.size(); ++p) {
            std::uint64_t& missing = languages[prompts.keys[batch.prompts[p]].language].missing;
            for (std::int64_t row = batch.tokens.begin(p); row < batch.tokens.end(p); ++row) {
                missing += batch.next[static_cast<std::size_t>(row)] >= 0 ? 1 : 0;
            }
        }
    }
    for (LanguageEffect& language : languages) language.missing -= language.tokens;
}

std::vector<LayerId> layers_of_means(const Variant& together) {
    Variant means;
    std::ranges::copy_if(together, std::back_inserter(means),
                         [](const Intervention& change) { return change.op == Operator::mean; });
    return changed_layers(means);
}

void check_languages(const JudgedPrompts& prompts, const InterveneOptions& options) {
    for (const Intervention& change : options.together) {
        for (const std::string& label : change.rows.languages) {
            prompts.language_index(label, change.swap ? "--swap" : "--languages");
        }
    }
    for (const JudgedBatch& batch : prompts.batches) {
        if (std::ranges::any_of(batch.next, [](std::int64_t id) { return id >= 0; })) return;
    }
    throw UserError("no prompt has a token to predict", "give prompts of at least two tokens");
}

void summarize(const RunStatistics& run, const JudgedPrompts& prompts,
               const std::vector<PromptEffects>& effects, const InterveneOptions& options,
               InterventionResult& result) {
    const PairedBootstrap bootstrap(prompts.keys,
                                    {.resamples = options.resamples, .seed = options.seed});
    const std::size_t languages = prompts.languages.size();
    result.languages.resize(languages);
    count_tokens(prompts, effects.front(), result.languages);
    for (std::size_t g = 0; g < languages; ++g) {
        LanguageEffect& language = result.languages[g];
        language.language = prompts.languages[g];
        const std::vector<ExpertTarget> targets = targets_of(result.together());
        language.visited = targets.empty() ? kMissingValue : visited(run, targets, g);
        language.visited_by_controls =
            targets.empty() ? kMissingValue : visited_by_controls(run, result.variants, g);
        language.nll_change = effect_of(effects, &PromptEffects::nll, bootstrap, g);
        language.kl = effect_of(effects, &PromptEffects::kl, bootstrap, g);
        language.top1_change = effect_of(effects, &PromptEffects::top1, bootstrap, g);
        std::vector<Estimate>& row = result.differences.emplace_back();
        for (std::size_t other = 0; other < languages; ++other) {
            row.push_back(bootstrap.difference(effects.front().nll, g, other));
        }
    }
}

}  // namespace

InterventionResult intervene(const Engine& engine, const std::vector<Prompt>& prompts,
                             const InterveneOptions& options, Progress& progress) {
    check_interventions(options.together, engine.model->spec());
    const JudgedPrompts judged = judged_prompts(engine, prompts,
                                                {.add_bos = options.add_bos,
                                                 .include_special = options.include_special,
                                                 .batch_tokens = options.batch_tokens});
    check_languages(judged, options);
    InterventionRun run(engine, judged, progress);
    progress.start(judged.tokens * (3 + options.controls));
    const RunStatistics statistics = run.unchanged(layers_of_means(options.together));

    InterventionResult result;
    result.variants = make_variants(options, statistics, judged, result.notes);
    result.targets = loads_of(statistics, targets_of(result.together()));
    for (std::size_t v = 1; v < result.variants.size(); ++v) {
        result.controls.push_back(loads_of(statistics, targets_of(result.variants[v])));
    }
    progress.start(judged.tokens * (2 + result.variants.size()));
    progress.advance(judged.tokens);
    summarize(statistics, judged, run.changed(result.variants), options, result);
    return result;
}

}  // namespace alluvium

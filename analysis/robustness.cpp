#include "analysis/robustness.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "analysis/divergence.h"
#include "analysis/share.h"
#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

// Enough for a band at 95 % whose factor is not the very largest draw.
constexpr unsigned kPermutations = 39;
// Of more than twice as many translation groups, so many bundles are left out in turn: a t with 49
// degrees of freedom is 2 % wider, and each of the many ways to count costs a fraction.
constexpr std::size_t kBundles = 50;
// Above this, leaving out one language changes too little to be worth a row each.
constexpr std::size_t kMostLanguages = 24;

AnalysisOptions variant_options(const AnalysisOptions& options) {
    AnalysisOptions result = options;
    result.permutations = std::min(options.permutations, kPermutations);
    result.bootstraps = 0;
    result.noise_splits = 0;
    result.weighting = Weighting::mass;  // rows need not be counts
    return result;
}

// [prompts] 1: in the given half (0 or 1) of the units of their stratum, in file order.
std::vector<std::uint8_t> half_of(const PromptUnits& units, std::size_t half) {
    std::map<std::int32_t, std::size_t> size, seen;
    for (const std::int32_t s : units.stratum) ++size[s];
    std::vector<std::uint8_t> keep(units.labels.size(), 0);
    for (std::size_t u = 0; u < units.size(); ++u) {
        const std::int32_t s = units.stratum[u];
        const bool second = 2 * seen[s]++ >= size[s];
        if (second != (half == 1)) continue;
        for (const std::uint32_t p : units.prompts[u]) keep[p] = 1;
    }
    return keep;
}

Grid<double> equal_prompts(const Grid<double>& rows) {
    Grid<double> result = rows;
    for (std::size_t p = 0; p < rows.rows(); ++p) {
        double total = 0;
        for (const double x : rows.row(p)) total += x;
        if (!(total > 0)) continue;
        for (double& x : result.row(p)) x /= total;
    }
    return result;
}

// Without labels where no prompt of the trace has one.
Grouping group_rows_or_none(const TraceHeader& header, const std::string& by) {
    try {
        return group_rows(header, by);
    } catch (const UserError&) {
        return {};
    }
}

std::string language_name(const std::string& label) {
    const Language* language = LanguageTable::instance().find(label);
    return language == nullptr ? label : language->name;
}

}  // namespace

std::string_view to_string(Agreement agreement) {
    switch (agreement) {
        case Agreement::same:
            return "same";
        case Agreement::changed:
            return "changed";
        case Agreement::unclear:
            return "unclear";
    }
    return "";
}

bool is_conclusive(Pattern pattern) {
    return pattern != Pattern::inconclusive && pattern != Pattern::too_few_routed_layers &&
           pattern != Pattern::not_applicable && pattern != Pattern::unsupported;
}

Agreement agreement_of(Pattern verdict, Pattern variant) {
    if (!is_conclusive(verdict) || !is_conclusive(variant)) return Agreement::unclear;
    return verdict == variant ? Agreement::same : Agreement::changed;
}

Robustness::Robustness(const RoutingTrace& trace, const Sample& sample, const TokenTraits& traits,
                       const AnalysisOptions& options)
    : trace_(trace),
      sample_(sample),
      options_(variant_options(options)),
      token_rows_(traits, sample.units.labels, sample.units.groups, options) {
    for (const std::int32_t label : sample.units.labels) all_.push_back(label >= 0);
    const auto layers = trace.layers();
    if (!std::all_of(layers.begin(), layers.end(), [](const auto& l) { return l.has_weights; })) {
        token_rows_.leave_out(TokenVariant::other_weighting, "no weights recorded");
    }
    add_counting();
    add_token_variants();
    add_halves();
    if (options.by == "language") {
        add_families();
        add_languages();
    }
}

void Robustness::add_variant(std::string name, std::string words, Source source,
                             const Grouping& grouping, const std::vector<std::uint8_t>& keep) {
    PromptUnits units = units_of(trace_.header().prompts, grouping, keep);
    if (!units.no_interval.empty()) {
        absent_[name] = units.no_interval;
        return;
    }
    Variant& variant = variants_.emplace_back();
    variant.name = std::move(name);
    variant.words = std::move(words);
    variant.source = source;
    variant.units = std::move(units);
    variant.resamples =
        std::make_unique<DepthResamples>(variant.units, trace_.layers().size(), options_, kBundles);
}

void Robustness::add_counting() {
    add_variant("top1", "best experts alone", Source::top1, sample_.grouping, all_);
    add_variant("equal_prompts", "equal weight per prompt", Source::equal_prompts, sample_.grouping,
                all_);
}

void Robustness::add_token_variants() {
    const bool mass = token_rows_.by_mass();
    const bool special = token_rows_.include_special();
    const std::array<std::pair<std::string, std::string>, kTokenVariants> names = {{
        mass ? std::pair("count", "counts instead of mass")
             : std::pair("mass", "weights instead of counts"),
        special ? std::pair("no_special", "without special tokens")
                : std::pair("special", "with special tokens"),
        {"words", "word tokens alone"},
        {"shared_ids", "token ids that several use"},
        {"rarefied", "as many tokens each"},
        {"positions", "the same positions"},
    }};
    for (std::size_t v = 0; v < kTokenVariants; ++v) {
        const auto token_variant = static_cast<TokenVariant>(v);
        if (const std::string& why = token_rows_.absent(token_variant); !why.empty()) {
            absent_[names[v].first] = why;
            continue;
        }
        const std::size_t before = variants_.size();
        add_variant(names[v].first, names[v].second, Source::tokens, sample_.grouping,
                    token_rows_.prompts(token_variant));
        if (variants_.size() > before) variants_.back().tokens = token_variant;
    }
}

void Robustness::add_halves() {
    add_variant("first_half", "the first half of the prompts", Source::base, sample_.grouping,
                half_of(sample_.units, 0));
    add_variant("second_half", "the second half of the prompts", Source::base, sample_.grouping,
                half_of(sample_.units, 1));
}

void Robustness::add_families() {
    const Grouping families = group_rows_or_none(trace_.header(), "family");
    std::set<std::int32_t> present;
    for (std::size_t p = 0; p < all_.size(); ++p) {
        if (all_[p] != 0 && !families.labels.empty() && families.of_row[p] != kUnlabelled) {
            present.insert(families.of_row[p]);
        }
    }
    if (present.size() < 2) {
        absent_["by:family"] = "the languages are of one family, or of none that is known";
        return;
    }
    add_variant("by:family", "families instead of languages", Source::base, families, all_);
    if (present.size() < 3) return;
    for (const std::int32_t family : present) {
        std::vector<std::uint8_t> keep = all_;
        for (std::size_t p = 0; p < keep.size(); ++p) {
            if (families.of_row[p] == family) keep[p] = 0;
        }
        const std::string& name = families.labels[static_cast<std::size_t>(family)];
        add_variant("without_family:" + name, "without " + name + " languages", Source::base,
                    sample_.grouping, keep);
    }
}

void Robustness::add_languages() {
    const std::size_t groups = sample_.units.present;
    if (groups < 3) {
        absent_["without"] = "leaving one language out leaves nothing to compare";
        return;
    }
    if (groups > kMostLanguages) {
        absent_["without"] = "one language of " + std::to_string(groups) + " changes too little";
        return;
    }
    for (std::size_t g = 0; g < sample_.grouping.labels.size(); ++g) {
        std::vector<std::uint8_t> keep = all_;
        for (std::size_t p = 0; p < keep.size(); ++p) {
            if (sample_.units.labels[p] == static_cast<std::int32_t>(g)) keep[p] = 0;
        }
        if (keep == all_) continue;
        const std::string& label = sample_.grouping.labels[g];
        add_variant("without:" + label, "without " + language_name(label), Source::base,
                    sample_.grouping, keep);
    }
}

void Robustness::add_layer(std::size_t routed, const PromptCounts& counts, const Grid<double>& rows,
                           Progress& progress) {
    const RoutedLayerInfo& info = trace_.layers()[routed];
    const Grid<double> top1 = to_weights(counts.top1), equal = equal_prompts(rows);
    const std::vector<Grid<double>> tokens = token_rows_.count(trace_, routed, progress);
    for (Variant& variant : variants_) {
        const Grid<double>& own = variant.source == Source::top1            ? top1
                                  : variant.source == Source::equal_prompts ? equal
                                  : variant.source == Source::tokens
                                      ? tokens[TokenRows::index(variant.tokens)]
                                      : rows;
        const Grid<double> sums = sum_by_label(own, variant.units.labels, variant.units.groups);
        LayerAnalysis& layer = variant.layers.emplace_back();
        layer.layer = info.layer;
        layer.divergence.value = divergence(sums);
        const std::uint32_t top_k = variant.source == Source::top1 ? 1 : info.top_k;
        layer.divergence.ceiling =
            divergence_ceiling(info.experts, top_k, groups_with_selections(sums));
        variant.resamples->add_layer(own, layer, progress);
    }
}

std::vector<RobustnessRow> Robustness::finish(Pattern verdict) {
    std::vector<RobustnessRow> result;
    for (Variant& variant : variants_) {
        variant.resamples->finish(variant.layers);
        const Verdict own = judge(variant.resamples->curve());
        result.push_back({variant.name, variant.words, own.pattern, own.d_late, own.d_early,
                          agreement_of(verdict, own.pattern)});
    }
    return result;
}

}  // namespace alluvium

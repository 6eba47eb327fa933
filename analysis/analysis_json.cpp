#include "analysis/analysis_json.h"

#include <cmath>
#include <span>

namespace alluvium {
namespace {

using Labels = std::vector<GroupSample>;

Json numbers(std::span<const double> values) {
    Json array = Json::array();
    for (const double v : values) array.push_back(json_number(v));
    return array;
}

Json rows_by_group(const Grid<double>& grid, const Labels& groups) {
    Json object = Json::object();
    for (std::size_t g = 0; g < groups.size(); ++g) object[groups[g].label] = numbers(grid.row(g));
    return object;
}

// null where the grid was not made.
Json matrix(const Grid<double>& grid) {
    if (grid.empty()) return nullptr;
    Json array = Json::array();
    for (std::size_t r = 0; r < grid.rows(); ++r) array.push_back(numbers(grid.row(r)));
    return array;
}

// [value, low, high]; null where there is no value.
Json interval(const Estimate& e) {
    if (!e.has_value()) return nullptr;
    return Json::array({json_number(e.value), json_number(e.low), json_number(e.high)});
}

template <typename Field>
Json by_group(const Labels& groups, Field field) {
    Json object = Json::object();
    for (const GroupSample& group : groups) object[group.label] = field(group);
    return object;
}

Json trace_json(const Analysis& a) {
    const ModelInfo& m = a.model;
    return {{"path", a.trace_path}, {"kind", a.kind == TraceKind::tokens ? "tokens" : "counts"},
            {"model", m.name},      {"checkpoint_id", m.checkpoint_id},
            {"family", m.family},   {"layer_count", m.layer_count},
            {"dtype", m.dtype},     {"device", m.device},
            {"engine", m.engine}};
}

Json census_json(const TokenCensus& c) {
    return {{"selected", c.selected},
            {"special", c.special},
            {"generated", c.generated},
            {"not_done", c.not_done},
            {"outside", c.outside},
            {"unlabelled", c.unlabelled}};
}

Json sample_json(const Analysis& a) {
    Json sample = {{"census", census_json(a.census)}};
    const bool known = a.kind == TraceKind::tokens;
    const auto known_text = [](const std::string& s) { return s.empty() ? Json(nullptr) : Json(s); };
    sample["prompt_set"] = known_text(a.design.prompt_set);
    sample["prompt_set_name"] = known_text(a.design.prompt_set_name);
    sample["prompts"] = known ? Json(a.design.prompts) : Json(nullptr);
    sample["units"] = known ? Json(a.design.units) : Json(nullptr);
    sample["unit"] = known ? Json(a.design.unit_name) : Json(nullptr);
    sample["parallel"] = known ? Json(a.design.parallel) : Json(nullptr);
    return sample;
}

Json divergence_json(const Divergence& d) {
    return {{"value", json_number(d.value)},
            {"corrected", json_number(d.corrected)},
            {"low", json_number(d.low)},
            {"high", json_number(d.high)},
            {"ceiling", json_number(d.ceiling)},
            {"relative", json_number(d.relative)},
            {"null_mean", json_number(d.null_mean)},
            {"null_p95", json_number(d.null_p95)},
            {"band", json_number(d.band)},
            {"top1", json_number(d.top1)}};
}

Json exclusive_json(const Exclusivity& exclusivity, const Labels& groups) {
    if (!exclusivity.known) return nullptr;
    Json array = Json::array();
    for (const ExclusiveExpert& e : exclusivity.exclusive) {
        array.push_back({{"expert", e.expert}, {"group", groups[e.group].label}, {"a", e.a}});
    }
    return array;
}

Json margin_json(const MarginQuantiles& margin) {
    return {{"p05", json_number(margin.p05)}, {"p50", json_number(margin.p50)}};
}

// null where the control was not run or has nothing to say.
Json information_json(const Information& i) {
    if (std::isnan(i.support)) return nullptr;
    return {{"r0", json_number(i.r0)},
            {"r1", json_number(i.r1)},
            {"r2", json_number(i.r2)},
            {"r3", interval(i.r3)},
            {"support", json_number(i.support)}};
}

Json random_router_json(const RandomRouter& r) {
    if (r.draws == 0) return nullptr;
    return {{"mean", json_number(r.mean)},
            {"low", json_number(r.low)},
            {"high", json_number(r.high)},
            {"draws", r.draws}};
}

Json robustness_json(const std::vector<RobustnessRow>& rows) {
    if (rows.empty()) return nullptr;
    Json array = Json::array();
    for (const RobustnessRow& row : rows) {
        array.push_back({{"variant", row.variant},
                         {"pattern", to_string(row.pattern)},
                         {"agreement", to_string(row.agreement)},
                         {"d_late", interval(row.d_late)},
                         {"d_early", interval(row.d_early)}});
    }
    return array;
}

Json tokens_json(const std::vector<std::uint64_t>& tokens, const Labels& groups) {
    Json object = Json::object();
    for (std::size_t g = 0; g < groups.size(); ++g) object[groups[g].label] = tokens[g];
    return object;
}

void add_scalars(const LayerAnalysis& l, Json& json) {
    json["noise_floor"] = json_number(l.noise_floor);
    json["mutual_information"] = json_number(l.mutual_information.value);
    json["mutual_information_raw"] = json_number(l.mutual_information.raw);
    json["mutual_information_null"] = {{"mean", json_number(l.mutual_information.null_mean)},
                                       {"p95", json_number(l.mutual_information.null_p95)}};
    json["nmi"] = json_number(l.mutual_information.nmi);
    json["usage_entropy"] = json_number(l.entropy.usage);
    json["token_entropy"] = json_number(l.entropy.token);
    json["token_information"] = json_number(l.entropy.information);
    json["load_cv"] = json_number(l.load.cv);
    json["max_vio"] = json_number(l.load.max_vio);
    json["gini"] = json_number(l.load.gini);
    json["effective_experts"] = json_number(l.load.effective_experts);
    json["dead_experts"] = l.load.dead_experts;
}

Json layer_json(const LayerAnalysis& l, const Labels& groups) {
    Json json = {{"layer", l.layer},
                 {"experts", l.experts},
                 {"top_k", l.top_k},
                 {"shared_experts", l.shared_experts},
                 {"tokens", tokens_json(l.tokens, groups)},
                 {"missing_tokens", l.missing_tokens},
                 {"share", rows_by_group(l.share, groups)},
                 {"token_ratio", rows_by_group(l.token_ratio, groups)},
                 {"mean_share", numbers(l.mean_share)},
                 {"divergence", divergence_json(l.divergence)},
                 {"information", information_json(l.information)},
                 {"random_router", random_router_json(l.random_router)},
                 {"pairwise", matrix(l.pairwise)},
                 {"margin", margin_json(l.margin)},
                 {"exclusive", exclusive_json(l.exclusivity, groups)},
                 {"shared", l.exclusivity.known ? Json(l.exclusivity.shared) : Json(nullptr)}};
    add_scalars(l, json);
    return json;
}

Json window_json(const LayerWindow& window) {
    return Json::array({window.first, window.last});
}

// Fields that only some verdicts have.
void add_onset(const Verdict& v, Json& json) {
    json["onset"] = v.onset ? Json(v.onset->layer) : Json(nullptr);
    if (!v.onset) return;
    json["onset_interval"] = Json::array({v.onset->low, v.onset->high});
    json["onset_found"] = v.onset->found;
}

Json verdict_json(const Verdict& v) {
    const bool applies = v.pattern != Pattern::not_applicable;
    const bool windows = applies && v.late_layers.last > v.early_layers.first;
    Json json = {
        {"pattern", applies ? Json(to_string(v.pattern)) : Json(nullptr)},
        {"basis", to_string(v.basis)},
        {"remainder_pattern", v.remainder ? Json(to_string(v.remainder->pattern)) : Json(nullptr)},
        {"robustness", robustness_json(v.robustness)},
        {"early", json_number(v.early)},
        {"middle", json_number(v.middle)},
        {"late", json_number(v.late)},
        {"d_late", interval(v.d_late)},
        {"d_early", interval(v.d_early)},
        {"late_two", interval(v.late_two)},
        {"headline", v.headline},
        {"sentence", v.sentence}};
    if (v.remainder) {
        json["remainder"] = {{"support", json_number(v.remainder->support)},
                             {"d_late", interval(v.remainder->d_late)},
                             {"d_early", interval(v.remainder->d_early)}};
    }
    if (v.units_needed > 0) json["units_needed"] = v.units_needed;
    if (windows) {
        json["windows"] = {{"early", window_json(v.early_layers)},
                           {"middle", window_json(v.middle_layers)},
                           {"late", window_json(v.late_layers)}};
    }
    add_onset(v, json);
    return json;
}

Json circuit_json(const Circuit& c, const Labels& groups) {
    Json nodes = Json::array(), links = Json::array(), sharing = Json::array();
    for (const CircuitNode& node : c.nodes) {
        Json masses = Json::object();
        for (const GroupMass& m : node.groups) masses[groups[m.group].label] = m.mass;
        nodes.push_back({{"layer", node.layer},
                         {"expert", node.expert},
                         {"kind", to_string(node.kind)},
                         {"groups", std::move(masses)}});
    }
    for (const CircuitLink& link : c.links) {
        links.push_back({{"layer", link.layer},
                         {"from", link.from},
                         {"to", link.to},
                         {"group", groups[link.group].label},
                         {"flow", link.flow}});
    }
    for (const LayerSharing& s : c.sharing) {
        sharing.push_back({{"layer", s.layer},
                           {"value", json_number(s.value)},
                           {"null", json_number(s.null_mean)},
                           {"null_p05", json_number(s.null_p05)}});
    }
    return {{"keep", to_string(c.options.keep)},
            {"flow", to_string(c.options.flow)},
            {"tokens", tokens_json(c.tokens, groups)},
            {"nodes", std::move(nodes)},
            {"links", std::move(links)},
            {"sharing", std::move(sharing)}};
}

}  // namespace

Json analysis_json(const Analysis& a) {
    Json json = {{"trace", trace_json(a)},
                 {"by", a.options.by},
                 {"where", a.options.where},
                 {"weighting", to_string(a.options.weighting)},
                 {"include_special", a.options.include_special},
                 {"seed", a.options.seed},
                 {"sample", sample_json(a)},
                 {"verdict", verdict_json(a.verdict)},
                 {"missing", a.missing},
                 {"warnings", a.warnings}};
    Json labels = Json::array();
    for (const GroupSample& group : a.groups) labels.push_back(group.label);
    json["groups"] = std::move(labels);
    json["tokens"] = by_group(a.groups, [](const auto& g) { return Json(g.tokens); });
    json["fertility"] = by_group(a.groups, [](const auto& g) { return json_number(g.fertility); });
    json["tokens_per_character"] =
        by_group(a.groups, [](const auto& g) { return json_number(g.tokens_per_character); });
    json["byte_fragments"] =
        by_group(a.groups, [](const auto& g) { return json_number(g.byte_fragments); });
    if (!a.probability_note.empty()) json["probabilities"] = a.probability_note;
    Json layers = Json::array();
    for (const LayerAnalysis& layer : a.layers) layers.push_back(layer_json(layer, a.groups));
    json["layers"] = std::move(layers);
    if (a.options.circuit) {
        json["circuit"] = a.circuit ? circuit_json(*a.circuit, a.groups) : Json(nullptr);
    }
    return json;
}

}  // namespace alluvium

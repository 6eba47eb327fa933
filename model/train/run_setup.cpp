#include "model/train/run_setup.h"

#include <map>

#include <ATen/ATen.h>

#include "base/error.h"
#include "captures/languages.h"
#include "model/checkpoint/content_id.h"
#include "model/families/family.h"
#include "model/kernels/cpu/cpu_features.h"

namespace alluvium {
namespace {

void check_sizes(const TrainOptions& options) {
    const auto require = [](bool good, const std::string& what) {
        if (!good) throw UserError(what);
    };
    require(options.schedule.steps >= 1, "--steps has to be at least 1");
    require(options.sequences >= 1 && options.length >= 1,
            "--sequences and --sequence have to be at least 1");
    require(options.schedule.peak > 0, "--lr has to be above 0");
    require(options.schedule.warmup >= 0, "--warmup cannot be negative");
    require(!(options.resume && options.overwrite), "--resume and --overwrite exclude each other");
}

TrainingRouting choose_routing(const std::string& word, const ModelSpec& spec) {
    const bool dense = spec.routed_layers().empty();
    if (word == "auto") return dense ? TrainingRouting::dense : TrainingRouting::top_k;
    const TrainingRouting routing = parse_training_routing(word);
    if (dense && routing != TrainingRouting::dense) {
        throw UserError("--routing " + word + " needs a model with routers, this one is dense",
                        "make one: alluvium upcycle DENSE -o MOE");
    }
    if (!dense && routing == TrainingRouting::dense) {
        throw UserError("--routing dense needs a dense model, this one has routers",
                        "give --routing top-k, hybrid-k or lang-spec");
    }
    return routing;
}

// All routed layers of one model have the same number of experts in the families that can be
// trained.
int expert_count(const ModelSpec& spec) {
    const std::vector<LayerId> routed = spec.routed_layers();
    return spec.layers[static_cast<std::size_t>(routed.front())].moe()->rule.experts;
}

bool needs_experts(TrainingRouting routing) {
    return routing == TrainingRouting::hybrid_k || routing == TrainingRouting::language_only;
}

ExpertAssignment experts_of(const Checkpoint& checkpoint, const ModelSpec& spec,
                            TrainingRouting routing, const TrainOptions& options) {
    if (routing == TrainingRouting::dense) return {};
    const Lineage lineage = read_lineage(checkpoint.config(), checkpoint.config_path().string());
    const AssignmentWish wish{options.families, options.languages};
    if (needs_experts(routing) || wish.families || !wish.languages.empty() ||
        !lineage.expert_labels.empty()) {
        return assign_experts(lineage, expert_count(spec), wish, LanguageTable::instance());
    }
    return {};
}

std::string resolve_dtype(const std::string& word) {
    if (word == "auto") return cpu_has_bf16_units() ? "bf16" : "f32";
    if (word == "f32" || word == "bf16" || word == "f64") return word;
    throw UserError("--dtype '" + word + "' is none of auto, f32, bf16, f64");
}

at::ScalarType type_of(const std::string& word) {
    if (word == "bf16") return at::kBFloat16;
    return word == "f64" ? at::kDouble : at::kFloat;
}

std::string resolve_save_dtype(const std::string& word, const Checkpoint& checkpoint,
                               const ModelSpec& spec) {
    if (word == "auto") {
        return std::string(checkpoint.tensors().at(spec.embedding.tensor).dtype->name);
    }
    if (word == "f32") return "F32";
    if (word == "bf16") return "BF16";
    if (word == "f16") return "F16";
    throw UserError("--save-dtype '" + word + "' is none of auto, f32, bf16, f16");
}

Json deciding_options(const TrainOptions& options, const RunSetup& setup, const std::string& source,
                      const std::vector<Prompt>& texts) {
    const Schedule& schedule = options.schedule;
    return {{"source", source},
            {"texts", prompt_set_hash(texts)},
            {"batches", options.batches.filename().string()},
            {"routing", training_routing_word(setup.pass.routing)},
            {"experts", setup.experts.labels},
            {"steps", schedule.steps},
            {"sequences", options.sequences},
            {"sequence", options.length},
            {"weight", language_weight_word(options.weight)},
            {"lr", schedule.peak},
            {"warmup", schedule.warmup},
            {"schedule", schedule.constant ? "constant" : "cosine"},
            {"weight_decay", options.adamw.weight_decay},
            {"clip", options.clip},
            {"balance_loss", options.balance_coefficient},
            {"dtype", setup.dtype_word},
            {"seed", options.seed}};
}

}  // namespace

Json RunSetup::config(const RunPosition& position) const {
    Json result = base_config;
    Lineage lineage = read_lineage(base_config, config_path);
    Json step = lineage_step;
    step["steps_done"] = position.step;
    step["tokens"] = position.tokens;
    lineage.steps.push_back(std::move(step));
    if (!experts.labels.empty()) {
        lineage.experts_by = experts_by_word(experts.by);
        lineage.expert_labels = experts.labels;
    }
    write_lineage(result, lineage);
    return result;
}

RunSetup set_up_run(const Checkpoint& checkpoint, const std::vector<Prompt>& texts,
                    const TrainOptions& options) {
    check_sizes(options);
    RunSetup setup;
    setup.spec = model_spec(checkpoint);
    setup.pass.routing = choose_routing(options.routing, setup.spec);
    setup.pass.balance_coefficient = options.balance_coefficient;
    setup.experts = experts_of(checkpoint, setup.spec, setup.pass.routing, options);
    if (needs_experts(setup.pass.routing)) {
        require_experts(texts, setup.experts, LanguageTable::instance());
    }
    setup.dtype_word = resolve_dtype(options.dtype);
    setup.pass.narrow = type_of(setup.dtype_word);
    setup.master = setup.pass.narrow == at::kDouble ? at::kDouble : at::kFloat;
    setup.save_dtype = resolve_save_dtype(options.save_dtype, checkpoint, setup.spec);
    setup.step_tokens = static_cast<std::uint64_t>(options.sequences * options.length);
    setup.base_config = checkpoint.config();
    setup.config_path = checkpoint.config_path().string();
    const std::string source = content_id(checkpoint);
    setup.deciding_options = deciding_options(options, setup, source, texts);
    setup.lineage_step = {{"step", "train"},
                          {"source", source},
                          {"writer", "alluvium " ALLUVIUM_VERSION},
                          {"options", setup.deciding_options}};
    return setup;
}

void check_resumable(const std::filesystem::path& out, const RunSetup& setup) {
    const RunPosition saved = read_run_position(out);
    for (const auto& [key, value] : setup.deciding_options.items()) {
        const Json before = saved.options.is_object() ? saved.options.value(key, Json()) : Json();
        if (before == value) continue;
        throw UserError("the run in '" + out.string() + "' was started with another '" + key +
                            "': " + before.dump() + ", now " + value.dump(),
                        "resume with the same texts and options, or start anew with --overwrite");
    }
}

}  // namespace alluvium

#include "model/sweep/sweep_run.h"

#include <limits>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "model/checkpoint/content_id.h"
#include "model/families/inspect.h"
#include "model/train/text_selection.h"
#include "model/train/training_state.h"
#include "model/upcycle/widen.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;
using Start = SweepRun::Start;

// What the run learns from.
TrainingTexts texts_of(const SweepRun& run, const SweepSetting& setting) {
    TextSelection selection;
    if (!run.only_language.empty()) selection.only_languages = {run.only_language};
    selection.without_domain = run.without_domain;
    TrainingTexts texts = setting.texts;
    texts.training = select_texts(std::move(texts.training), selection);
    return texts;
}

// Equal keys, equal results: every option that a sweep offers and every input.
Json result_key(const Checkpoint& dense, const SweepRun& run, const SweepSetting& setting,
                const TrainingTexts& texts) {
    const UpcycleOptions& up = setting.upcycling;
    const TrainOptions& t = setting.training;
    return {{"run", run.name},
            {"dense", content_id(dense)},
            {"texts", prompt_set_hash(texts.training)},
            {"scored_by", setting.scored_by},
            {"experts", {up.experts, up.top_k, up.renormalise, experts_by_word(up.experts_by)}},
            {"languages", up.languages},
            {"steps", t.schedule.steps},
            {"batch", {t.sequences, t.length, language_weight_word(t.weight)}},
            {"lr", {t.schedule.peak, t.schedule.warmup, t.schedule.constant}},
            {"optimiser", {t.adamw.weight_decay, t.clip, t.dtype}},
            {"seeds", {up.seed, t.seed}}};
}

Json to_json(const SweepScore& s) {
    return {{"measure", s.measure},          {"group", s.group},
            {"value", json_number(s.value)}, {"low", json_number(s.low)},
            {"high", json_number(s.high)},   {"count", s.count}};
}

Json to_json(const SweepResult& result) {
    Json scores = Json::array();
    for (const SweepScore& score : result.scores) scores.push_back(to_json(score));
    return {{"routed", result.routed},
            {"parameters", result.parameters},
            {"active_parameters", result.active_parameters},
            {"steps", result.steps},
            {"tokens", result.tokens},
            {"scores", scores}};
}

double number_or_nan(const Json& value) {
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

SweepResult from_json(const Json& json) {
    SweepResult result;
    result.routed = json.at("routed").get<std::vector<LayerId>>();
    result.parameters = json.at("parameters").get<std::uint64_t>();
    result.active_parameters = json.at("active_parameters").get<std::uint64_t>();
    result.steps = json.at("steps").get<std::int64_t>();
    result.tokens = json.at("tokens").get<std::int64_t>();
    for (const Json& s : json.at("scores")) {
        result.scores.push_back({s.at("measure").get<std::string>(),
                                 s.at("group").get<std::string>(), number_or_nan(s.at("value")),
                                 number_or_nan(s.at("low")), number_or_nan(s.at("high")),
                                 s.at("count").get<std::int64_t>()});
    }
    return result;
}

std::optional<SweepResult> earlier_result(const fs::path& file, const Json& key) {
    if (!fs::exists(file)) return std::nullopt;
    try {
        const Json json = parse_json(read_file(file), file.string());
        if (json.at("key") == key) return from_json(json);
    } catch (const Json::exception&) {
        throw UserError("'" + file.string() + "' is no result of a sweep",
                        "remove it; the run is then done again");
    }
    throw UserError("'" + file.string() + "' is the result of other options or texts",
                    "give another -o, or remove the folder");
}

void make_start(const Checkpoint& dense, const SweepRun& run, const SweepSetting& setting,
                const fs::path& out, Progress& progress) {
    if (run.start == Start::routed) {
        UpcycleOptions options = setting.upcycling;
        options.layers = run.last < 0 ? "all" : "last:" + std::to_string(run.last);
        upcycle(dense, out, options, progress);
        return;
    }
    widen(dense, out,
          {.width = run.start == Start::same_active ? DenseWidth::active : DenseWidth::total,
           .experts = setting.upcycling.experts,
           .top_k = setting.upcycling.top_k,
           .seed = setting.upcycling.seed},
          progress);
}

TrainSummary train_run(const Checkpoint& start, const SweepRun& run, const TrainingTexts& texts,
                       const SweepSetting& setting, const fs::path& out, Progress& progress) {
    TrainOptions options = setting.training;
    options.routing = run.routing;
    options.resume = fs::exists(out / kTrainingState);
    return train(start, texts, out, options, progress);
}

}  // namespace

SweepResult carry_out(const Checkpoint& dense, const SweepRun& run, const SweepSetting& setting,
                      Progress& progress) {
    const fs::path folder = setting.folder / run.name;
    const fs::path result_file = folder / "result.json";
    const TrainingTexts texts = texts_of(run, setting);
    const Json key = result_key(dense, run, setting, texts);
    if (auto earlier = earlier_result(result_file, key)) return *std::move(earlier);

    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw UserError("cannot create '" + folder.string() + "': " + error.message());
    CheckpointPtr start;
    if (run.start != Start::dense) {
        if (!fs::exists(folder / "start" / "config.json")) {
            make_start(dense, run, setting, folder / "start", progress);
        }
        start = Checkpoint::open(folder / "start");
    }
    const TrainSummary trained =
        train_run(start ? *start : dense, run, texts, setting, folder / "model", progress);
    const CheckpointPtr model = Checkpoint::open(folder / "model");
    const Inspection inspection = inspect(*model);
    SweepResult result;
    for (const InspectedLayer& layer : inspection.layers) {
        if (layer.routed) result.routed.push_back(layer.layer);
    }
    result.parameters = inspection.parameters_total;
    result.active_parameters = inspection.parameters_active.value_or(inspection.parameters_total);
    result.steps = trained.steps;
    result.tokens = trained.steps * setting.training.sequences * setting.training.length;
    result.scores = setting.score(*model, progress);
    Json json = to_json(result);
    json["key"] = key;
    write_file_atomically(result_file, json.dump(1) + "\n");
    // Three times the size of the model, and of no use once there is a result.
    std::error_code ignored;
    fs::remove(folder / "model" / kTrainingState, ignored);
    fs::remove_all(folder / "start", ignored);
    return result;
}

}  // namespace alluvium

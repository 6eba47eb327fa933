#include "app/session/pairs.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "analysis/figures/pair_figure.h"
#include "analysis/pairs/language_request.h"
#include "app/session/free_name.h"
#include "base/error.h"
#include "captures/routing_trace.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

std::vector<Prompt> prompts_of(const PairPlan& plan) {
    if (plan.kind == PairPlan::Kind::texts) return pair_prompts(plan.texts);
    return request_prompts(read_prompt_files({plan.prompts}), plan.first, plan.second);
}

std::string name_of(const PairResult& result) {
    if (const auto* requests = std::get_if<ReadOrWritten>(&result)) {
        return requests->first + " and " + requests->second + ", read and to be written";
    }
    for (const PairSpan& span : std::get<MinimalPair>(result).spans) {
        if (span.changed) return span.a + " / " + span.b;
    }
    return "pair";
}

}  // namespace

std::vector<std::string> pairs_arguments(const PairPlan& plan, const std::string& output) {
    std::vector<std::string> words = {"pairs", plan.checkpoint};
    const auto add = [&words](const std::string& option, const std::string& value) {
        if (value.empty()) return;
        words.push_back(option);
        words.push_back(value);
    };
    if (plan.kind == PairPlan::Kind::texts) {
        add("--text", plan.texts.a);
        add("--against", plan.texts.b);
        add("--language", plan.texts.language_a);
        add("--against-language", plan.texts.language_b);
    } else {
        add("--languages", plan.first + "," + plan.second);
        add("--prompts", plan.prompts);
    }
    add("-o", output);
    return words;
}

std::string why_not_pair(const PairPlan& plan) {
    if (plan.checkpoint.empty()) return "open a checkpoint folder first";
    if (plan.kind == PairPlan::Kind::languages) {
        if (plan.prompts.empty()) return "choose a set of translated texts";
        return plan.first == plan.second ? "choose two languages" : "";
    }
    try {
        pair_prompts(plan.texts);
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

Pairs::Pairs(Jobs& jobs, ModelServices model, fs::path folder,
             std::function<TextMeter()> text_meter)
    : jobs_(jobs),
      model_(std::move(model)),
      folder_(std::move(folder)),
      text_meter_(std::move(text_meter)) {}

const PairDocument* Pairs::document(const std::string& id) const {
    const auto found = std::find_if(documents_.begin(), documents_.end(),
                                    [&](const PairDocument& d) { return d.id == id; });
    return found == documents_.end() ? nullptr : &*found;
}

void Pairs::start(const PairPlan& plan) {
    CaptureJob job{.checkpoint = plan.checkpoint,
                   .prompts = {},
                   .prompt_set_name = "a pair",
                   .output = free_name(folder_, "pair", ".h5"),
                   .only_experts = true,
                   .same_bits = true};
    jobs_.start({.tag = kTag,
                 .key = job.output.string(),
                 .title = "Run a pair through " + fs::path(plan.checkpoint).filename().string(),
                 .unit = "tokens",
                 .lane = Lane::model},
                [this, job, plan, model = model_](Progress& progress) mutable -> Delivery {
                    job.prompts = prompts_of(plan);
                    run_capture(model, job, progress);
                    const TracePtr trace = open_trace(job.output.string());
                    auto result = std::make_shared<const PairResult>(read_pairs(*trace, progress));
                    return [this, id = job.output.string(), plan, result] {
                        documents_.push_back({id, name_of(*result), plan, result});
                    };
                });
}

void Pairs::forget(const std::string& id) {
    std::erase_if(documents_, [&](const PairDocument& d) { return d.id == id; });
}

std::shared_ptr<const Figure> Pairs::figure(const std::string& id, const PairPicture& picture) {
    const PairDocument* shown = document(id);
    if (shown == nullptr) return nullptr;
    std::ostringstream key;
    key << id << ' ' << picture.width << ' ' << picture.dark;
    if (key.str() == figure_key_) return figure_;
    jobs_.start({.tag = "figure pairs", .key = key.str(), .title = "Draw the pair"},
                [this, key = key.str(), result = shown->result, picture,
                 meter = text_meter_](Progress&) -> Delivery {
                    const PairFigureOptions options{.width = picture.width, .heading = true};
                    auto figure = std::make_shared<const Figure>(pair_figure(
                        *result, options, picture.dark ? dark_theme() : light_theme(), meter()));
                    return [this, key, figure] {
                        figure_ = figure;
                        figure_key_ = key;
                    };
                });
    return figure_;
}

}  // namespace alluvium

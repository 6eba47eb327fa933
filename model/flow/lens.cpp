#include "model/flow/lens.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "base/error.h"
#include "captures/information_flow.h"
#include "model/flow/layer_split.h"
#include "model/flow/stream.h"
#include "model/flow/words.h"

namespace alluvium {
namespace {

class LensReader {
  public:
    LensReader(const Engine& engine, const OutputView& view, const FlowOptions& options,
               std::int64_t final_token)
        : engine_(engine), view_(view), options_(options), final_(final_token) {}

    LensLayer layer(LayerId id, const at::Tensor& stream) const {
        const at::Tensor logits = view_.logits(stream);
        const at::Tensor log_p = logits.to(at::kDouble).log_softmax(0);
        LensLayer layer{.layer = id};
        layer.predicted = largest(log_p.exp(), options_.words, engine_.tokenizer.get());
        layer.final_probability = log_p[final_].exp().item<double>();
        layer.final_rank =
            1 + static_cast<std::uint64_t>(logits.gt(logits[final_]).sum().item<std::int64_t>());
        layer.entropy = -(log_p.exp() * log_p).sum().item<double>();
        return layer;
    }

    LensPart part(LayerId id, const SplitPart& part, const at::Tensor& vector) const {
        const at::Tensor logits = view_.direct(vector.unsqueeze(0))[0].to(at::kDouble);
        LensPart read{.layer = id, .kind = part.kind, .expert = part.expert, .weight = part.weight};
        read.final_logit = logits[final_].item<double>();
        read.mean_logit = logits.mean().item<double>();
        const at::Tensor apart = logits - logits.mean();
        read.promoted = largest(apart, options_.words, engine_.tokenizer.get());
        read.suppressed = smallest(apart, options_.words, engine_.tokenizer.get());
        return read;
    }

    // Attention as one part, the others one by one; not the residual.
    void parts(LayerId id, const LayerSplit& split, std::vector<LensPart>& all) const {
        at::Tensor attended = at::zeros_like(split.vectors[0]);
        for (std::size_t p = 1; p < split.parts.size(); ++p) {
            const at::Tensor vector = split.vectors[static_cast<std::int64_t>(p)];
            if (split.parts[p].kind == FlowPartKind::attention) attended = attended + vector;
        }
        all.push_back(part(id, {.kind = FlowPartKind::attention}, attended));
        for (std::size_t p = 1; p < split.parts.size(); ++p) {
            if (split.parts[p].kind == FlowPartKind::attention) continue;
            all.push_back(part(id, split.parts[p], split.vectors[static_cast<std::int64_t>(p)]));
        }
    }

  private:
    const Engine& engine_;
    const OutputView& view_;
    const FlowOptions& options_;
    std::int64_t final_;
};

Json token_json(const FlowToken& token) {
    return {{"id", token.id}, {"text", token.text}};
}

Json part_json(const LensPart& part) {
    Json json = {{"layer", part.layer},
                 {"kind", flow_part_word(part.kind)},
                 {"final_logit", json_number(part.final_logit)},
                 {"mean_logit", json_number(part.mean_logit)},
                 {"promoted", scored_json(part.promoted)},
                 {"suppressed", scored_json(part.suppressed)}};
    if (part.expert >= 0) {
        json["expert"] = part.expert;
        json["weight"] = json_number(part.weight);
    }
    return json;
}

}  // namespace

Lens logit_lens(const Engine& engine, const std::string& text, const FlowOptions& options,
                Progress& progress) {
    const c10::InferenceMode inference;
    const FlowPrompt prompt = flow_prompt(engine, text, options.add_bos);
    const PromptRun run = run_prompt(engine.model, prompt.batch, progress);
    const std::vector<at::Tensor>& stream = run.stream;
    Lens lens;
    lens.model = engine.checkpoint->name();
    lens.tokens = prompt.tokens;
    lens.token = chosen_token(options, prompt.tokens.size());
    const auto row = static_cast<std::int64_t>(lens.token);
    const OutputView view(*engine.model, stream.back()[row]);
    const auto best = view.logits(stream.back()[row]).argmax().item<std::int64_t>();
    lens.predicted = {static_cast<std::uint32_t>(best),
                      word_of(engine.tokenizer.get(), static_cast<std::uint32_t>(best))};
    const LensReader reader(engine, view, options, best);
    progress.start(stream.size());
    for (std::size_t i = 0; i < stream.size(); ++i) {
        progress.check();
        const LayerId layer = static_cast<LayerId>(i) - 1;
        lens.layers.push_back(reader.layer(layer, stream[i][row]));
        if (layer < 0) {
            lens.parts.push_back(reader.part(layer, {}, stream[0][row]));
        } else {
            const LayerSplitter splitter(*engine.model, prompt.batch, layer, run);
            reader.parts(layer, splitter.split(row), lens.parts);
        }
        progress.advance();
    }
    return lens;
}

Json lens_json(const Lens& lens) {
    Json json = {{"model", lens.model},
                 {"token", lens.token},
                 {"predicted", token_json(lens.predicted)},
                 {"tokens", Json::array()},
                 {"layers", Json::array()},
                 {"parts", Json::array()}};
    for (const FlowToken& token : lens.tokens) json["tokens"].push_back(token_json(token));
    for (const LensLayer& layer : lens.layers) {
        json["layers"].push_back({{"layer", layer.layer},
                                  {"predicted", scored_json(layer.predicted)},
                                  {"final_probability", json_number(layer.final_probability)},
                                  {"final_rank", layer.final_rank},
                                  {"entropy", json_number(layer.entropy)}});
    }
    for (const LensPart& part : lens.parts) json["parts"].push_back(part_json(part));
    return json;
}

}  // namespace alluvium

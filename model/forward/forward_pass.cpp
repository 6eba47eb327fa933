#include "model/forward/forward_pass.h"

#include <algorithm>
#include <cassert>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "base/error.h"
#include "model/forward/arithmetic.h"
#include "model/forward/attention.h"
#include "model/forward/model.h"
#include "model/forward/row_order.h"
#include "model/kernels/cpu/cpu_features.h"

namespace alluvium {
namespace {

// Rows of final logits computed at a time: with a vocabulary of 150,000 about 150 MB.
constexpr std::int64_t kOutputRows = 256;

void check_lengths(const TokenBatch& batch, std::int64_t longest) {
    for (std::size_t prompt = 0; longest > 0 && prompt < batch.prompts(); ++prompt) {
        const std::int64_t length = row_order(batch, prompt).reach;
        if (length <= longest) continue;
        throw UserError("a prompt has " + std::to_string(length) + " tokens: beyond " +
                            std::to_string(longest) +
                            " (index_topk) this model attends to those that its indexer chooses, "
                            "which is not computed",
                        "give shorter prompts");
    }
}

void check_ids(const TokenBatch& batch, std::int64_t vocab_size) {
    for (std::size_t row = 0; row < batch.ids.size(); ++row) {
        if (batch.ids[row] >= 0 && batch.ids[row] < vocab_size) continue;
        throw UserError("token id " + std::to_string(batch.ids[row]) + " at row " +
                            std::to_string(row) + " of the batch is outside the vocabulary of " +
                            std::to_string(vocab_size),
                        "the ids or the tokenizer belong to another model");
    }
}

// libtorch's CPU allocator has no error class of its own.
bool is_out_of_memory(const c10::Error& error) {
    return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
           std::string_view(error.what_without_backtrace()).find("can't allocate memory") !=
               std::string_view::npos;
}

}  // namespace

// One batch on its way: what its steps share.
struct ForwardRun {
    const Model& model;
    const Arithmetic& arithmetic;
    const RouteFunction& route;
    const RoutingEdit* edit;
    const TokenBatch& batch;
    RoutingObserver& observer;
    RotaryTables rotary;
    std::span<PromptMemory* const> memories{};
    std::size_t routed = 0;
    at::Tensor hidden{};      // [T, H] before the next layer
    bool to_the_end = false;  // else it ends at the last router
    LayerId last = -1;        // the last layer that anything is wanted of
};

namespace {

using Run = ForwardRun;

at::Tensor embed(const Run& run) {
    const at::Tensor rows =
        run.model.embed(at::tensor(run.batch.ids, at::TensorOptions().dtype(at::kLong)));
    const double factor = run.model.spec().embedding_multiplier;
    // Rounded to the model's type first, as the published implementations do.
    return factor == 1 ? rows : rows * at::scalar_tensor(factor, rows.options());
}

Routing choose(const Run& run, const RouterStep& step) {
    if (run.edit != nullptr) return run.edit->choose(step, run.route);
    return run.route(step.layer, step.logits, step.rule, step.choice_bias);
}

// What the routed experts add; undefined where nothing above their router is wanted.
at::Tensor routed_experts(Run& run, LayerId layer, const at::Tensor& x, const MoeSpec& spec,
                          const MoeWeights& weights, bool ends_here) {
    const at::Tensor logits = run.arithmetic.linear(x.to(at::kFloat), weights.router).contiguous();
    const RouterStep step{layer, run.batch, logits, spec.rule, weights.choice_bias};
    const Routing routing = choose(run, step);
    run.observer.on_routed({.layer = layer,
                            .routed = run.routed++,
                            .input = x,
                            .logits = logits,
                            .experts = routing.experts,
                            .weights = routing.weights,
                            .margin = routing.margin});
    if (ends_here) return {};
    const at::Tensor made = run.arithmetic.experts(x, routing, spec, weights);
    return run.edit == nullptr ? made : run.edit->output(step, routing, made);
}

at::Tensor shared_expert(const Run& run, const at::Tensor& x, const SharedExpertSpec& spec,
                         const SharedExpertWeights& weights) {
    const at::Tensor out = run.arithmetic.feed_forward(x, spec.expert, weights.expert);
    return weights.gate ? run.arithmetic.gated(out, run.arithmetic.linear(x, *weights.gate)) : out;
}

// Undefined where nothing above this layer's router is wanted.
at::Tensor feed_forward(Run& run, LayerId layer, const LayerWeights& weights, const at::Tensor& x,
                        bool ends_here) {
    const LayerSpec& spec = run.model.spec().layers[static_cast<std::size_t>(layer)];
    if (const auto* dense = std::get_if<FeedForwardSpec>(&spec.feed_forward)) {
        return run.arithmetic.feed_forward(x, *dense,
                                           std::get<FeedForwardWeights>(weights.feed_forward));
    }
    const MoeSpec& moe = *spec.moe();
    const auto& moe_weights = std::get<MoeWeights>(weights.feed_forward);
    const at::Tensor out = routed_experts(run, layer, x, moe, moe_weights, ends_here);
    if (!out.defined()) return {};
    return moe.shared ? out + shared_expert(run, x, *moe.shared, *moe_weights.shared) : out;
}

// x plus what a part adds to it.
at::Tensor add_part(const Run& run, const at::Tensor& x, at::Tensor part,
                    const std::optional<NormWeights>& output_norm, const LayerSpec& spec) {
    if (output_norm) part = run.arithmetic.norm(part, *output_norm);
    return x + (spec.residual_multiplier == 1 ? part : part * spec.residual_multiplier);
}

// The residual stream after the layer; undefined where the pass ends at this layer's router.
at::Tensor layer_step(Run& run, LayerId layer, const LayerWeights& weights) {
    const LayerSpec& spec = run.model.spec().layers[static_cast<std::size_t>(layer)];
    const at::Tensor& hidden = run.hidden;
    const bool ends_here = layer == run.last && !run.to_the_end;
    const AttentionContext context{
        run.batch, run.rotary.of(spec.attention), run.arithmetic, {run.memories, layer}};
    const at::Tensor attended = attend(run.arithmetic.norm(hidden, weights.attention_norm),
                                       spec.attention, weights.attention, context);
    const at::Tensor middle = add_part(run, hidden, attended, weights.attention_output_norm, spec);
    const at::Tensor x =
        run.arithmetic.norm(spec.parallel ? hidden : middle, weights.feed_forward_norm);
    const at::Tensor out = feed_forward(run, layer, weights, x, ends_here);
    if (!out.defined()) return {};
    return add_part(run, middle, out, weights.feed_forward_output_norm, spec);
}

at::Tensor final_logits(const Run& run, const LinearWeights& head, const at::Tensor& rows) {
    const ModelSpec& spec = run.model.spec();
    at::Tensor logits = run.arithmetic.linear(rows, head).to(at::kFloat);
    if (spec.logit_multiplier != 1) logits = logits * spec.logit_multiplier;
    if (spec.logit_softcap) logits = (logits / *spec.logit_softcap).tanh() * *spec.logit_softcap;
    return logits;
}

void show_output(const Run& run, const LinearWeights& head, const Progress& progress) {
    const at::Tensor x = run.arithmetic.norm(run.hidden, run.model.final_norm());
    for (std::int64_t row = 0; row < x.size(0); row += kOutputRows) {
        progress.check();
        const at::Tensor rows = x.narrow(0, row, std::min(kOutputRows, x.size(0) - row));
        run.observer.on_output(row, final_logits(run, head, rows));
    }
}

// How far anything is watched, when the run starts at layer `first`.
void plan_layers(Run& run, LayerId first) {
    const RoutingObserver& observer = run.observer;
    const std::vector<LayerId> routed = run.model.spec().routed_layers();
    run.to_the_end = observer.wants_hidden() || observer.wants_output() || !run.memories.empty();
    run.last = run.to_the_end   ? static_cast<LayerId>(run.model.spec().layers.size()) - 1
               : routed.empty() ? -1
                                : routed.back();
    run.routed = static_cast<std::size_t>(std::ranges::lower_bound(routed, first) - routed.begin());
}

// All runs, each with its hidden rows before `first`, through one layer after the other.
void run_layers(std::span<Run> runs, LayerId first, const Progress& progress) {
    const Model& model = runs.front().model;
    LayerId last = -1;
    bool wants_output = false;
    for (Run& run : runs) {
        plan_layers(run, first);
        last = std::max(last, run.last);
        wants_output = wants_output || run.observer.wants_output();
    }
    for (LayerId layer = first; layer <= last; ++layer) {
        const std::shared_ptr<const LayerWeights> weights = model.layer(layer);
        if (layer < last) model.expect(layer + 1);
        for (Run& run : runs) {
            if (layer > run.last) continue;
            progress.check();
            run.hidden = layer_step(run, layer, *weights);
            if (run.observer.wants_hidden()) run.observer.on_hidden(layer, run.hidden);
        }
        model.require_unchanged();
    }
    if (!wants_output) return;
    const std::shared_ptr<const LinearWeights> head = model.output();
    for (Run& run : runs) {
        if (run.observer.wants_output()) show_output(run, *head, progress);
    }
    model.require_unchanged();
}

std::int64_t tokens_of(std::span<const WatchedBatch> batches) {
    std::int64_t tokens = 0;
    for (const WatchedBatch& watched : batches) tokens += watched.batch.tokens();
    return tokens;
}

// The batch's rows are what its memories hold from now on.
void remember(const WatchedBatch& watched) {
    for (std::size_t p = 0; p < watched.memories.size(); ++p) {
        watched.memories[p]->finish(watched.batch.end(p) - watched.batch.begin(p));
    }
}

// Calls `pass`; RunError in the place of libtorch's own where the memory does not suffice.
template <typename Pass>
void with_memory_errors(std::int64_t tokens, Pass&& pass) try {
    pass();
} catch (const c10::Error& e) {
    if (!is_out_of_memory(e)) throw;
    throw RunError("not enough memory for " + std::to_string(tokens) +
                   " tokens at once; a smaller --batch-tokens needs less");
}

// The CPU's own kernels where they are the faster ones or the only ones that give what is asked
// for.
std::shared_ptr<const Arithmetic> choose_arithmetic(const Model& model, bool batch_invariant) {
    if (!model.device().is_cpu()) {
        if (!batch_invariant) return libtorch_arithmetic();
        throw UserError("--batch-invariant is for the CPU, the model is on " + model.device().str(),
                        "add --device cpu");
    }
    const bool faster = model.dtype() == at::kBFloat16 && cpu_has_bf16_units();
    return faster || batch_invariant ? tiled_arithmetic() : libtorch_arithmetic();
}

}  // namespace

ForwardPass::ForwardPass(std::shared_ptr<const Model> model, ForwardOptions options)
    : model_(std::move(model)),
      arithmetic_(choose_arithmetic(*model_, options.batch_invariant)),
      route_(std::move(options.route)),
      edit_(std::move(options.edit)) {
    if (!route_) {
        route_ = [](LayerId, const at::Tensor& logits, const RouterSpec& spec,
                    const at::Tensor& bias) { return alluvium::route(logits, spec, bias); };
    }
}

ForwardRun ForwardPass::begin(const TokenBatch& batch, RoutingObserver& observer) const {
    return {*model_,
            *arithmetic_,
            route_,
            edit_.get(),
            batch,
            observer,
            RotaryTables(model_->spec(), batch, model_->device())};
}

void ForwardPass::run(const TokenBatch& batch, RoutingObserver& observer,
                      const Progress& progress) const {
    const WatchedBatch watched{batch, observer};
    run({&watched, 1}, progress);
}

void ForwardPass::run(std::span<const WatchedBatch> batches, const Progress& progress) const {
    for (const WatchedBatch& watched : batches) {
        check_ids(watched.batch, model_->spec().vocab_size);
        check_lengths(watched.batch, model_->spec().longest_prompt);
    }
    with_memory_errors(tokens_of(batches), [&] {
        const c10::InferenceMode inference;
        std::vector<ForwardRun> runs;
        for (const WatchedBatch& watched : batches) {
            if (watched.batch.ids.empty()) continue;
            const ForwardPass& pass = watched.pass != nullptr ? *watched.pass : *this;
            assert(pass.model_ == model_);
            ForwardRun& run = runs.emplace_back(pass.begin(watched.batch, watched.observer));
            run.memories = watched.memories;
            run.hidden = embed(run);
            if (watched.observer.wants_hidden()) watched.observer.on_hidden(-1, run.hidden);
        }
        if (!runs.empty()) run_layers(runs, 0, progress);
        for (const WatchedBatch& watched : batches) remember(watched);
    });
}

void ForwardPass::run(const TokenBatch& batch, std::span<PromptMemory* const> memories,
                      RoutingObserver& observer, const Progress& progress) const {
    const WatchedBatch watched{batch, observer, memories};
    run({&watched, 1}, progress);
}

void ForwardPass::run_from(LayerId layer, const at::Tensor& hidden, const TokenBatch& batch,
                           RoutingObserver& observer, const Progress& progress) const {
    if (batch.ids.empty()) return;
    with_memory_errors(batch.tokens(), [&] {
        const c10::InferenceMode inference;
        ForwardRun run = begin(batch, observer);
        run.hidden = hidden;
        run_layers({&run, 1}, layer, progress);
    });
}

}  // namespace alluvium

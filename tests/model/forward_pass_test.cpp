#include "model/forward/forward_pass.h"

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "model/families/family.h"
#include "model/forward/model.h"
#include "tests/model/goldens.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

struct Seen {
    std::vector<LayerId> routed;
    std::vector<LayerId> hidden;
    std::vector<std::int64_t> output_rows;
    std::vector<at::Tensor> experts;
    std::vector<at::Tensor> logits;
    at::Tensor last_hidden;
};

class Watcher final : public RoutingObserver {
  public:
    Watcher(bool hidden, bool output) : hidden_(hidden), output_(output) {}
    bool wants_hidden() const override { return hidden_; }
    bool wants_output() const override { return output_; }
    void on_routed(const RoutedBatch& batch) override {
        seen.routed.push_back(batch.layer);
        seen.experts.push_back(batch.experts);
        seen.logits.push_back(batch.logits);
    }
    void on_hidden(LayerId layer, const at::Tensor& hidden) override {
        seen.hidden.push_back(layer);
        seen.last_hidden = hidden;
    }
    void on_output(std::int64_t first_row, const at::Tensor& logits) override {
        seen.output_rows.push_back(first_row);
        CHECK(logits.scalar_type() == at::kFloat);
        rows += logits.size(0);
    }

    Seen seen;
    std::int64_t rows = 0;

  private:
    bool hidden_;
    bool output_;
};

std::shared_ptr<const Model> load(const std::string& golden, at::ScalarType dtype = at::kFloat) {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint(golden));
    return Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, dtype});
}

Seen run(const std::shared_ptr<const Model>& model, const TokenBatch& batch,
         ForwardOptions options = {}) {
    Watcher watcher(true, false);
    ForwardPass(model, std::move(options)).run(batch, watcher, Progress{});
    return watcher.seen;
}

// Random prompts of 1 to 40 tokens.
std::vector<std::vector<std::int64_t>> prompts(std::int64_t vocabulary) {
    std::vector<std::vector<std::int64_t>> out;
    for (std::size_t i = 0; i < 24; ++i) {
        std::vector<std::int64_t> ids(1 + i * 7 % 40);
        for (std::size_t t = 0; t < ids.size(); ++t) {
            ids[t] = static_cast<std::int64_t>(i * 31 + t * t * 17) % vocabulary;
        }
        out.push_back(std::move(ids));
    }
    return out;
}

TokenBatch pack(std::span<const std::vector<std::int64_t>> prompts) {
    TokenBatch batch;
    for (const auto& prompt : prompts) batch.append(prompt);
    return batch;
}

}  // namespace

TEST_CASE("Weights of the checkpoint's own type are views over the file", "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("apollo"));
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), Compute{});
    const TensorInfo& info = checkpoint->tensors().at("model.layers.0.self_attn.q_proj.weight");
    CHECK(model->layer(0)->attention.query.weight.const_data_ptr() ==
          static_cast<const void*>(checkpoint->bytes(info).data()));
    CHECK(model->output()->weight.const_data_ptr() ==
          checkpoint->tensor("model.embed_tokens.weight").const_data_ptr());
}

TEST_CASE("The pass ends at the last router unless more is wanted", "[model]") {
    const auto model = load("apollo");
    const TokenBatch batch = test::golden_batch("apollo");
    Watcher routing(false, false);
    ForwardPass(model).run(batch, routing, Progress{});
    CHECK(routing.seen.routed == std::vector<LayerId>{1, 2});
    CHECK(routing.seen.hidden.empty());
    CHECK(routing.rows == 0);

    Watcher all(true, true);
    ForwardPass(model).run(batch, all, Progress{});
    CHECK(all.seen.hidden == std::vector<LayerId>{-1, 0, 1, 2});
    CHECK(all.rows == batch.tokens());
    // The same choices, bit for bit, whether more is watched or not.
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(at::equal(routing.seen.experts[i], all.seen.experts[i]));
        CHECK(at::equal(routing.seen.logits[i], all.seen.logits[i]));
    }
}

TEST_CASE("Final logits of a long batch come in ascending chunks", "[model]") {
    const auto model = load("qwen2");
    TokenBatch batch;
    for (int i = 0; i < 3; ++i) batch.append(std::vector<std::int64_t>(100, 5));
    Watcher watcher(false, true);
    ForwardPass(model).run(batch, watcher, Progress{});
    CHECK(watcher.seen.output_rows == std::vector<std::int64_t>{0, 256});
    CHECK(watcher.rows == 300);
}

TEST_CASE("Packed prompts give what each gives alone, up to rounding", "[model][cpu]") {
    const std::string golden =
        GENERATE("apollo", "qwen2_moe", "olmoe_65_experts_top8", "qwen2_window", "llama_dynamic",
                 "deepseek_v3", "gpt_oss", "gemma2", "phimoe", "phi", "qwen3_next", "llama4");
    const auto model = load(golden);
    const auto all = prompts(model->spec().vocab_size);
    const Seen packed = run(model, pack(all));
    const double largest = packed.last_hidden.abs().max().item<double>();
    std::int64_t row = 0;
    for (const auto& prompt : all) {
        const Seen alone = run(model, pack(std::span(&prompt, 1)));
        const auto n = static_cast<std::int64_t>(prompt.size());
        const at::Tensor rows = packed.last_hidden.narrow(0, row, n);
        CHECK((rows - alone.last_hidden).abs().max().item<double>() < 1e-5 * largest);
        row += n;
    }
}

TEST_CASE("Batch-invariant results are the same bits for any batching", "[model][cpu]") {
    const std::string golden = GENERATE(
        "apollo", "qwen2_moe", "olmoe_65_experts_top8", "olmoe_3_experts_top1", "qwen2_window",
        "deepseek_v3", "gpt_oss", "gemma2", "phimoe", "phi", "granitemoe", "qwen3_next", "llama4");
    const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
    CAPTURE(golden, c10::toString(dtype));
    const auto model = load(golden, dtype);
    const auto all = prompts(model->spec().vocab_size);
    const Seen packed = run(model, pack(all), {.batch_invariant = true, .route = {}});
    for (const std::size_t at_once : {1, 2, 5}) {
        std::int64_t row = 0;
        for (std::size_t first = 0; first < all.size(); first += at_once) {
            const auto some = std::span(all).subspan(first, std::min(at_once, all.size() - first));
            const TokenBatch batch = pack(some);
            const Seen part = run(model, batch, {.batch_invariant = true, .route = {}});
            CHECK(at::equal(packed.last_hidden.narrow(0, row, batch.tokens()), part.last_hidden));
            for (std::size_t i = 0; i < part.logits.size(); ++i) {
                CHECK(at::equal(packed.logits[i].narrow(0, row, batch.tokens()), part.logits[i]));
                CHECK(at::equal(packed.experts[i].narrow(0, row, batch.tokens()), part.experts[i]));
            }
            row += batch.tokens();
        }
    }
}

TEST_CASE("A prompt too long to be scored at once gives what its beginning gives alone",
          "[model]") {
    // Sinks: 4 heads' scores of 3,000 tokens are more than are held at a time.
    const auto model = load("gpt_oss");
    std::vector<std::int64_t> ids(3000);
    for (std::size_t t = 0; t < ids.size(); ++t) ids[t] = static_cast<std::int64_t>(t * t % 37);
    TokenBatch whole;
    whole.append(ids);
    TokenBatch beginning;
    beginning.append({ids.begin(), ids.begin() + 300});
    const at::Tensor expected = run(model, beginning).last_hidden;
    const at::Tensor rows = run(model, whole).last_hidden.narrow(0, 0, 300);
    CHECK((rows - expected).abs().max().item<double>() <
          1e-5 * expected.abs().max().item<double>());
}

TEST_CASE("Models of every kind of part compute in smaller types", "[model]") {
    const std::string golden = GENERATE("deepseek_v3", "gpt_oss_mxfp4", "gemma2", "phimoe", "phi",
                                        "granitemoe", "qwen3_next", "llama4");
    const auto dtype = GENERATE(at::kBFloat16, at::kHalf);
    CAPTURE(golden, c10::toString(dtype));
    const TokenBatch batch = test::golden_batch(golden);
    const at::Tensor wide = run(load(golden), batch).last_hidden;
    const at::Tensor small = run(load(golden, dtype), batch).last_hidden;
    CHECK(small.scalar_type() == dtype);
    // 8 bits of bf16 through a few layers: some percent, more where an expert changed.
    const double apart = (small.to(at::kFloat) - wide).abs().median().item<double>();
    CHECK(apart < 0.03 * wide.abs().max().item<double>());
}

TEST_CASE("Two runs give the same bits", "[model]") {
    const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
    const auto model = load("olmoe_65_experts_top8", dtype);
    const TokenBatch batch = pack(prompts(model->spec().vocab_size));
    CHECK(at::equal(run(model, batch).last_hidden, run(model, batch).last_hidden));
}

TEST_CASE("Prompts without tokens take no rows", "[model]") {
    const auto model = load("apollo");
    TokenBatch batch;
    batch.append({1, 2, 3});
    batch.append({});
    batch.append({4});
    batch.append({});
    TokenBatch without;
    without.append({1, 2, 3});
    without.append({4});
    CHECK(at::equal(run(model, batch).last_hidden, run(model, without).last_hidden));
    Watcher watcher(true, true);
    ForwardPass(model).run(TokenBatch{}, watcher, Progress{});
    CHECK(watcher.seen.hidden.empty());
}

TEST_CASE("A token outside the vocabulary is named", "[model]") {
    const auto model = load("apollo");
    Watcher watcher(false, false);
    TokenBatch batch;
    batch.append({0, 64});
    CHECK_THROWS_MATCHES(
        ForwardPass(model).run(batch, watcher, Progress{}), UserError,
        Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring("token id 64")));
    batch.ids[1] = -1;
    CHECK_THROWS_AS(ForwardPass(model).run(batch, watcher, Progress{}), UserError);
}

TEST_CASE("A cancelled pass stops between layers", "[model]") {
    class Canceller final : public RoutingObserver {
      public:
        explicit Canceller(Progress& progress) : progress_(progress) {}
        void on_routed(const RoutedBatch&) override {
            ++routed;
            progress_.cancel();
        }
        int routed = 0;

      private:
        Progress& progress_;
    };
    Progress progress;
    Canceller canceller(progress);
    const ForwardPass pass(load("apollo"));
    CHECK_THROWS_AS(pass.run(test::golden_batch("apollo"), canceller, progress), Cancelled);
    CHECK(canceller.routed == 1);
}

TEST_CASE("A route function replaces the rule", "[model]") {
    const auto model = load("apollo");
    const TokenBatch batch = test::golden_batch("apollo");
    const auto last_expert = [](LayerId layer, const at::Tensor& logits, const RouterSpec& spec,
                                const at::Tensor& bias) {
        Routing routing = route(logits, spec, bias);
        if (layer == 2) {
            routing.experts = at::full_like(routing.experts, spec.experts - 1);
            routing.counts = at::zeros_like(routing.counts);
            routing.counts[spec.experts - 1] = routing.experts.numel();
        }
        return routing;
    };
    const Seen changed = run(model, batch, {.batch_invariant = false, .route = last_expert});
    const Seen plain = run(model, batch);
    CHECK(at::equal(changed.experts[0], plain.experts[0]));
    CHECK((changed.experts[1] == 9).all().item<bool>());
    CHECK_FALSE(at::equal(changed.last_hidden, plain.last_hidden));
}

TEST_CASE("Words for devices and types are understood or refused by name", "[model]") {
    const CheckpointPtr f32 = Checkpoint::open(test::golden_checkpoint("apollo"));
    const CheckpointPtr f16 = Checkpoint::open(test::golden_checkpoint("apollo_shared_f16_shards"));
    CHECK(resolve_compute("cpu", "bf16", *f32).dtype == at::kBFloat16);
    CHECK(resolve_compute("cpu", "auto", *f32).dtype == at::kFloat);
    CHECK(resolve_compute("cpu", "auto", *f16).dtype == at::kFloat);
    CHECK(resolve_compute("cpu", "f16", *f32).dtype == at::kHalf);
    CHECK_THROWS_AS(resolve_compute("tpu", "auto", *f32), UserError);
    CHECK_THROWS_AS(resolve_compute("cuda:x", "auto", *f32), UserError);
    CHECK_THROWS_AS(resolve_compute("cuda:99", "auto", *f32), UserError);
    CHECK_THROWS_AS(resolve_compute("cpu", "f64", *f32), UserError);
}

}  // namespace alluvium

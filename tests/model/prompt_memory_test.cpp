// Tokens that follow on remembered ones are computed as if the whole prompt stood there.
#include <ATen/ops/cat.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/forward/greedy_decoder.h"
#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"

using namespace alluvium;

namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kSteps = 12;

std::shared_ptr<const Model> golden_model(const std::string& name) {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint(name));
    return Model::load(*checkpoint, model_spec(*checkpoint), {.dtype = at::kFloat});
}

// kSteps tokens after each prompt, one of which ends half way.
std::vector<Ids> continuations(const std::shared_ptr<const Model>& model, const TokenBatch& prompts,
                               bool remember) {
    std::vector<Ids> ids;
    for (std::size_t p = 0; p < prompts.prompts(); ++p) {
        ids.emplace_back(prompts.ids.begin() + prompts.begin(p),
                         prompts.ids.begin() + prompts.end(p));
    }
    std::vector<Ids> added(ids.size());
    GreedyDecoder decoder(ForwardPass(model), std::move(ids), {.remember = remember});
    for (std::int64_t step = 0; !decoder.prompts().empty(); ++step) {
        const std::vector<std::int64_t> next = decoder.next(/*never=*/0, nullptr, Progress());
        const std::vector<std::size_t> alive = decoder.prompts();
        decoder.go_on(next, [&](std::size_t i) {
            added[alive[i]].push_back(next[i]);
            return step + 1 < (alive[i] == 0 ? kSteps / 2 : kSteps);
        });
    }
    return added;
}

// Cancels the pass behind its first layer.
class Canceller : public RoutingObserver {
  public:
    explicit Canceller(Progress& progress) : progress_(progress) {}
    bool wants_hidden() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_hidden(LayerId layer, const at::Tensor&) override {
        if (layer == 0) progress_.cancel();
    }

  private:
    Progress& progress_;
};

}  // namespace

TEST_CASE("What is remembered changes no greedy answer, in any family", "[model]") {
    // Windows shorter than the text, sinks, latent attention, soft caps, rotations that depend on
    // the length, attention beside the feed-forward part.
    const std::string golden = GENERATE(
        as<std::string>(), "apollo", "olmoe_65_experts_top8", "qwen2_moe", "qwen3_moe",
        "mixtral_window", "qwen2_window", "gpt_oss", "granitemoe", "phimoe", "deepseek_v2",
        "deepseek_v3", "glm4_moe", "minimax_m2", "gemma", "gemma2", "phi", "llama_dynamic",
        "llama_yarn", "mistral_window", "qwen3_next", "qwen3_5_moe", "llama4", "ernie4_5_moe");
    CAPTURE(golden);
    const auto model = golden_model(golden);
    TokenBatch prompts;
    prompts.append({7, 3, 11, 2, 9, 4, 1, 8, 15});
    prompts.append({5});
    Ids longer;
    for (std::int64_t i = 0; i < 62; ++i) longer.push_back((i * i + 3) % 16);
    prompts.append(longer);  // up to the miniatures' original rope length, and beyond it
    const std::vector<Ids> remembered = continuations(model, prompts, true);
    CHECK(remembered == continuations(model, prompts, false));
    CHECK(remembered[0].size() == kSteps / 2);
    CHECK(remembered[2].size() == kSteps);
}

TEST_CASE("A prompt in pieces has the hidden states of the whole prompt", "[model]") {
    const std::string golden = GENERATE(as<std::string>(), "apollo", "qwen2_window", "gpt_oss",
                                        "deepseek_v3", "gemma2", "phi", "qwen3_next", "llama4");
    const std::vector<std::size_t> pieces =
        GENERATE(std::vector<std::size_t>{20, 1, 1, 8}, std::vector<std::size_t>{1, 10, 19});
    CAPTURE(golden, pieces);
    const auto model = golden_model(golden);
    const TokenBatch whole = test::random_batch({30}, 16);
    test::ForwardRecord wanted;
    ForwardPass(model).run(whole, wanted, Progress());

    PromptMemory memory(model->spec());
    PromptMemory* const memories[] = {&memory};
    std::vector<at::Tensor> found;
    for (const std::size_t piece : pieces) {
        const auto begin = whole.ids.begin() + memory.tokens();
        TokenBatch batch;
        batch.append({begin, begin + static_cast<std::ptrdiff_t>(piece)});
        batch.past = {memory.tokens()};
        test::ForwardRecord record;
        ForwardPass(model).run(batch, memories, record, Progress());
        found.push_back(record.hidden);
    }
    CHECK(memory.tokens() == 30);
    // f32 in another order of summing; values are of order 1 to 10.
    CHECK((at::cat(found) - wanted.hidden).abs().max().item<float>() < 1e-4F);
}

TEST_CASE("A pass that was cancelled leaves a memory as it was", "[model]") {
    const auto model = golden_model("apollo");
    PromptMemory memory(model->spec());
    PromptMemory* const memories[] = {&memory};
    test::ForwardRecord record;
    const TokenBatch first = test::random_batch({10}, 16);
    TokenBatch second = test::random_batch({3}, 16);
    second.past = {10};
    ForwardPass(model).run(first, memories, record, Progress());
    Progress progress;
    Canceller canceller(progress);
    CHECK_THROWS_AS(ForwardPass(model).run(second, memories, canceller, progress), Cancelled);
    CHECK(memory.tokens() == 10);
    ForwardPass(model).run(second, memories, record, Progress());
    CHECK(memory.tokens() == 13);
    CHECK(memory.keys(0).size(0) == 13);
}

TEST_CASE("Decoders that step together go on as each alone", "[model]") {
    const auto model = golden_model("apollo");
    const std::vector<std::vector<Ids>> prompts = {{{7, 3, 11}, {5}}, {{2, 9, 4, 1, 8}}};
    std::vector<GreedyDecoder> together;
    for (const auto& own : prompts) together.emplace_back(ForwardPass(model), own);
    std::vector<std::vector<Ids>> found(2);
    for (int step = 0; step < 6; ++step) {
        const auto next = GreedyDecoder::next_of_all(together, -1, Progress());
        for (std::size_t d = 0; d < 2; ++d) {
            found[d].push_back(next[d]);
            // The second decoder is done after three steps.
            together[d].go_on(next[d], [&](std::size_t) { return d == 0 || step < 2; });
        }
    }
    for (std::size_t d = 0; d < 2; ++d) {
        GreedyDecoder alone(ForwardPass(model), prompts[d]);
        for (std::size_t step = 0; step < (d == 0 ? 6 : 3); ++step) {
            const Ids next = alone.next(-1, nullptr, Progress());
            CHECK(found[d][step] == next);
            alone.go_on(next, [](std::size_t) { return true; });
        }
    }
    CHECK(found[1][3].empty());
}

// A model that stays in its files, read once for many batches, against the same model in memory.
#include "base/error.h"
#include "model/evaluate/continuations.h"
#include "model/evaluate/greedy.h"
#include "model/evaluate/text_losses.h"
#include "model/families/family.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

constexpr const char* kCheckpoint = ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate/checkpoint";

Engine in_memory() {
    return load_engine(kCheckpoint, {.device = "cpu", .dtype = "f32", .threads = 1});
}

// As --memory would make it, had the checkpoint more bytes than `budget` leaves.
Engine streamed(std::uint64_t budget = 1ULL << 40U) {
    Engine engine = in_memory();
    const Compute compute{engine.model->device(), engine.model->dtype()};
    engine.model = Model::load(*engine.checkpoint, model_spec(*engine.checkpoint), compute,
                               Residence::checkpoint);
    engine.memory.budget = budget;
    engine.memory.streams = true;
    return engine;
}

std::vector<ChoicePrompt> questions() {
    return {{"1", "en", "Where does it hurt?", {" here", " in the chest"}},
            {"2", "fr", "Un train pour", {" Rome", " Paris"}},
            {"3", "en", "A train to", {" Rome", " the sea"}}};
}

std::vector<Prompt> texts() {
    std::vector<Prompt> all;
    for (const char* language : {"ar", "en", "fr"}) {
        Prompt& prompt = all.emplace_back();
        prompt.id = prompt.language = language;
        for (std::uint32_t i = 0; i < 70; ++i) prompt.ids.push_back((7 * i * i + i) % 300);
    }
    return all;
}

// Changes nothing and notes which layer's router is asked.
class RouterOrder final : public RoutingEdit {
  public:
    explicit RouterOrder(std::vector<LayerId>& layers) : layers_(layers) {}
    Routing choose(const RouterStep& step, const RouteFunction& route) const override {
        layers_.push_back(step.layer);
        return route(step.layer, step.logits, step.rule, step.choice_bias);
    }

  private:
    std::vector<LayerId>& layers_;
};

std::vector<std::vector<ContinuationLoss>> score(const Engine& engine,
                                                 std::shared_ptr<const RoutingEdit> edit = {}) {
    Progress progress;
    return score_continuations(engine, questions(), {.batch_tokens = 1, .edit = std::move(edit)},
                               progress);
}

}  // namespace

TEST_CASE("All batches of questions go through a streamed layer before the next is read",
          "[model]") {
    std::vector<LayerId> apart, together;
    const auto kept = score(in_memory(), std::make_shared<RouterOrder>(apart));
    const auto read = score(streamed(), std::make_shared<RouterOrder>(together));
    // Three batches, layers 1 and 2 routed.
    CHECK(apart == std::vector<LayerId>{1, 2, 1, 2, 1, 2});
    CHECK(together == std::vector<LayerId>{1, 1, 1, 2, 2, 2});
    for (std::size_t p = 0; p < kept.size(); ++p) {
        for (std::size_t c = 0; c < kept[p].size(); ++c) {
            CHECK(kept[p][c].nats == read[p][c].nats);
        }
    }
}

TEST_CASE("Batches that the budget does not hold together go one after the other", "[model]") {
    std::vector<LayerId> layers;
    score(streamed(1), std::make_shared<RouterOrder>(layers));
    CHECK(layers == std::vector<LayerId>{1, 2, 1, 2, 1, 2});
    Engine asked = streamed(1);
    asked.memory.asked = true;
    CHECK_THROWS_AS(score(asked), UserError);
}

TEST_CASE("Texts and answers of a streamed model are those of one in memory, bit for bit",
          "[model]") {
    const Engine kept = in_memory(), read = streamed();
    Progress progress;
    const TextLossOptions windows{.window_tokens = 16, .windows = 2};
    const auto a = text_losses(kept, texts(), windows, progress);
    const auto b = text_losses(read, texts(), windows, progress);
    CHECK(progress.done() == progress.total());
    REQUIRE(a.size() == 3);
    for (std::size_t l = 0; l < 3; ++l) CHECK(a[l].nats == b[l].nats);

    const std::vector<GreedyPrompt> prompts = {{"1", "en", "Where does it hurt?"},
                                               {"2", "en", "A train"},
                                               {"3", "fr", "Un train pour Rome."}};
    const auto answers = [&](const Engine& engine) {
        return answer_greedily(
            engine, prompts,
            {.batch_tokens = 8,
             .max_new_tokens = 12,
             .enough = [](std::string_view answer) { return answer.size() > 20; }},
            progress);
    };
    CHECK(answers(kept) == answers(read));
    CHECK(progress.done() == prompts.size());
}

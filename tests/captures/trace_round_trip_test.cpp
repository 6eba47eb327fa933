#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "captures/hdf5/file.h"
#include "captures/hdf5/numbers.h"
#include "captures/stream_means.h"
#include "captures/trace_data.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

hdf5::NumberType stored_type(const std::string& path, const std::string& dataset) {
    const hdf5::LibraryLock lock;
    return hdf5::describe_numbers(hdf5::open_file(path), dataset).type;
}

TEST_CASE("a stored trace reads back as it was, in either precision") {
    const test::TemporaryFolder folder;
    const auto precision = GENERATE(Precision::f16, Precision::f32);
    const TraceData data = test::sample_trace({.everything = true});
    const std::string path = folder / "t.h5";
    write_trace(data, path, precision);

    const TracePtr stored = open_trace(path);
    const TracePtr memory = make_trace(data);
    const TokenRange all{0, 8};
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(stored->experts(i, all) == memory->experts(i, all));
        CHECK(stored->weights(i, all) == memory->weights(i, all));
        CHECK(stored->logits(i, all) == memory->logits(i, all));
        CHECK(stored->margin(i, all) == memory->margin(i, all));
        CHECK(stored->random_experts(i, 1, all) == memory->random_experts(i, 1, all));
    }
    CHECK(stored->hidden(-1, all) == memory->hidden(-1, all));
    CHECK(stored->hidden(4, all) == memory->hidden(4, all));
    REQUIRE(stream_means(*stored) != nullptr);
    CHECK(stream_means(*stored)->mean_layers()[1] == 4);
    CHECK(stream_means(*stored)->means(-1) == stream_means(*memory)->means(-1));
    CHECK(stream_means(*stored)->means(4) == data.stream_means.at(4));
    CHECK(stored->next_token_nll(all) == memory->next_token_nll(all));
    const bool half = precision == Precision::f16;
    CHECK(stored_type(path, "layers/001/weight") ==
          (half ? hdf5::NumberType::f16 : hdf5::NumberType::f32));
    CHECK(stored_type(path, "layers/001/margin") == hdf5::NumberType::f32);
}

TEST_CASE("a block in the middle of a stored trace is the same as that part of the whole") {
    const test::TemporaryFolder folder;
    const TraceData data = test::sample_trace({.everything = true});
    write_trace(data, folder / "t.h5");
    const TracePtr stored = open_trace(folder / "t.h5");
    const Grid<float> logits = stored->logits(1, {2, 5});
    const Grid<ExpertId> drawn = stored->random_experts(0, 1, {7, 8});
    REQUIRE(logits.rows() == 3);
    CHECK(logits(0, 7) == data.layers[1].logits(2, 7));
    CHECK(logits(2, 0) == data.layers[1].logits(4, 0));
    CHECK(drawn(0, 1) == data.layers[0].random_experts[1](7, 1));
    CHECK(stored->tokens({3, 5}).id == std::vector<std::uint32_t>{100'003, 100'004});
    CHECK(stored->experts(0, {4, 4}).rows() == 0);
}

TEST_CASE("prompts keep their texts, labels and further columns") {
    const test::TemporaryFolder folder;
    write_trace(test::sample_trace({}), folder / "t.h5");
    const TraceHeader header = open_trace(folder / "t.h5")->header();
    CHECK(header.prompts.text[2] == "दर्द कहाँ है?");
    CHECK(header.prompts.language == std::vector<std::string>{"en", "fr", "en"});
    CHECK(header.prompts.extra.at("source/kind")[1] == "ünïcode 1");
    CHECK(header.prompts.extra.at("dialect") == std::vector<std::string>{"", "", ""});
    CHECK(header.prompts.first_token == std::vector<TokenPos>{0, 3, 4});
    CHECK(header.prompts.done == std::vector<std::uint8_t>{1, 1, 1});
    CHECK(header.model.checkpoint_id == "c0ffee");
    CHECK(header.model.vocab_size == 7);
    CHECK(header.provenance.at("command") == "made by a test");
    CHECK(header.layers[1].layer == 4);
    CHECK(header.layers[1].rule == "softmax, top k");
    CHECK(header.writer == "alluvium " ALLUVIUM_VERSION);
    CHECK(header.created_utc.size() == 20);
    CHECK(header.warnings.empty());
}

TEST_CASE("fields that are not recorded are absent") {
    const test::TemporaryFolder folder;
    write_trace(test::sample_trace({}), folder / "t.h5");
    const TracePtr trace = open_trace(folder / "t.h5");
    const RoutedLayerInfo info = trace->layers()[0];
    CHECK(info.has_experts);
    CHECK(info.has_weights);
    CHECK_FALSE(info.has_logits);
    CHECK_FALSE(info.has_margin);
    CHECK(info.random_routers == 0);
    CHECK_FALSE(trace->header().has_nll);
    CHECK(trace->header().hidden_layers.empty());
    CHECK(stream_means(*trace) == nullptr);
}

TEST_CASE("the stream mean of a prompt that is not done is missing, on disk and in memory") {
    const test::TemporaryFolder folder;
    TraceData data = test::sample_trace({.everything = true});
    data.header.prompts.done = {1, 0, 1};
    write_trace(data, folder / "t.h5");
    for (const TracePtr& trace : {open_trace(folder / "t.h5"), make_trace(data)}) {
        const Grid<float> means = stream_means(*trace)->means(4);
        CHECK(means(0, 0) == data.stream_means[4](0, 0));
        CHECK(std::isnan(means(1, 0)));
        CHECK(std::isnan(means(1, 4)));
        CHECK(means(2, 4) == data.stream_means[4](2, 4));
    }
}

TEST_CASE("any number of experts is stored in the narrowest type that keeps a missing value") {
    const test::TemporaryFolder folder;
    const auto [experts, top_k, type] = GENERATE(
        table<std::uint32_t, std::uint32_t, hdf5::NumberType>({{1, 1, hdf5::NumberType::u8},
                                                               {3, 1, hdf5::NumberType::u8},
                                                               {65, 8, hdf5::NumberType::u8},
                                                               {255, 8, hdf5::NumberType::u8},
                                                               {256, 8, hdf5::NumberType::u16},
                                                               {257, 257, hdf5::NumberType::u16}}));
    TraceData data = test::sample_trace({.experts = experts, .top_k = top_k});
    data.layers[0].experts(5, 0) = kMissingExpert;
    write_trace(data, folder / "t.h5");
    const TracePtr trace = open_trace(folder / "t.h5");
    CHECK(trace->experts(0, {0, 8}) == data.layers[0].experts);
    CHECK(trace->experts(1, {0, 8}) == data.layers[1].experts);
    CHECK(stored_type(folder / "t.h5", "layers/001/expert") == type);
}

TEST_CASE("counts of imported traces read back as they were") {
    const test::TemporaryFolder folder;
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups = {.label = {"en", "zh"}, .tokens = {10, 5'000'000'000}};
    data.header.layers = {{.layer = 0, .experts = 3, .top_k = 1}};
    data.layers.resize(1);
    data.layers[0].counts.count = Grid<std::uint64_t>(2, 3, {1, 2, 7, 4'999'999'997, 0, 3});
    data.layers[0].counts.weight_sum = Grid<double>(2, 3, {0.5, 1.25, 1e9 + 0.5, 1, 0, 0.1});
    write_trace(data, folder / "t.h5");
    const TracePtr trace = open_trace(folder / "t.h5");
    CHECK(trace->header().kind == TraceKind::counts);
    CHECK(trace->header().groups.tokens == data.header.groups.tokens);
    CHECK(trace->counts(0).count == data.layers[0].counts.count);
    CHECK(trace->counts(0).weight_sum == data.layers[0].counts.weight_sum);
}

TEST_CASE("a trace without prompts or without layers can be stored") {
    const test::TemporaryFolder folder;
    write_trace(test::sample_trace({.token_counts = {}, .layers = 0}), folder / "t.h5");
    const TracePtr trace = open_trace(folder / "t.h5");
    CHECK(trace->header().token_count == 0);
    CHECK(trace->layers().empty());
    CHECK(trace->tokens({0, 0}).size() == 0);
}

}  // namespace
}  // namespace alluvium

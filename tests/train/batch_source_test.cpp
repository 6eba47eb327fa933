#include "model/train/batch_source.h"

#include <fstream>
#include <map>
#include <set>

#include <ATen/ATen.h>

#include "base/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

// Ids tell where a token comes from: 10,000 x language + position.
TokenStream stream(std::int64_t language, std::int64_t tokens) {
    TokenStream result;
    result.language = std::to_string(language);
    result.expert = language;
    for (std::int64_t i = 0; i < tokens; ++i) result.ids.push_back(10'000 * language + i);
    return result;
}

std::vector<std::int64_t> first_ids(const TrainingBatch& batch) {
    const at::Tensor first = batch.ids.select(1, 0).contiguous();
    const auto* data = first.const_data_ptr<std::int64_t>();
    return {data, data + first.numel()};
}

}  // namespace

TEST_CASE("A window is taken once before any is taken again", "[model]") {
    SampledBatches batches({stream(0, 101)}, {.sequences = 1, .length = 10});
    // Wherever the round begins, at least nine whole windows fit.
    std::set<std::int64_t> starts;
    for (int i = 0; i < 9; ++i) {
        const TrainingBatch batch = batches.next();
        REQUIRE(batch.ids.sizes() == at::IntArrayRef({1, 11}));
        const std::int64_t start = first_ids(batch)[0];
        CHECK(starts.insert(start).second);
        CHECK(batch.ids[0][10].item<std::int64_t>() == start + 10);
    }
    for (const std::int64_t start : starts) CHECK(start % 10 == *starts.begin() % 10);
}

TEST_CASE("Skipping batches leads to where taking them leads", "[model]") {
    const std::vector<TokenStream> streams = {stream(0, 300), stream(1, 50), stream(2, 7)};
    SampledBatches one(streams, {.sequences = 3, .length = 8, .seed = 5});
    SampledBatches other(streams, {.sequences = 3, .length = 8, .seed = 5});
    for (int i = 0; i < 40; ++i) one.next();
    other.skip(40);
    const TrainingBatch a = one.next();
    const TrainingBatch b = other.next();
    CHECK(at::equal(a.ids, b.ids));
    CHECK(at::equal(a.language, b.language));
    SampledBatches third(streams, {.sequences = 3, .length = 8, .seed = 6});
    third.skip(40);
    CHECK_FALSE(at::equal(a.ids, third.next().ids));
}

TEST_CASE("Languages are drawn with the square root of their size", "[model]") {
    SampledBatches batches({stream(0, 9000), stream(1, 1000)}, {.sequences = 100, .length = 4});
    double first = 0;
    for (int i = 0; i < 40; ++i) {
        first += batches.next().language.select(1, 0).eq(0).sum().item<double>();
    }
    // 3 of 4 draws; the standard deviation of a share over 4000 draws is 0.007.
    CHECK(std::abs(first / 4000 - 0.75) < 0.03);
}

TEST_CASE("A language shorter than a window wraps around", "[model]") {
    SampledBatches batches({stream(3, 5)}, {.sequences = 1, .length = 7});
    const TrainingBatch batch = batches.next();
    const std::int64_t start = first_ids(batch)[0] - 30'000;
    for (std::int64_t i = 0; i <= 7; ++i) {
        CHECK(batch.ids[0][i].item<std::int64_t>() == 30'000 + (start + i) % 5);
    }
    CHECK(at::equal(batch.language, at::full({1, 7}, 3, at::kLong)));
}

TEST_CASE("Recorded batches are read line by line, and what is no batch is named", "[model]") {
    const test::TemporaryFolder folder;
    const auto write = [&](const char* text) { std::ofstream(folder / "b.jsonl") << text; };
    write(R"({"ids": [[1, 2, 3], [4, 5, 6]], "language": [0, 2]})"
          "\n");
    RecordedBatches batches(folder / "b.jsonl");
    const TrainingBatch batch = batches.next();
    CHECK(batch.ids[1][2].item<std::int64_t>() == 6);
    CHECK(batch.language[1][1].item<std::int64_t>() == 2);
    CHECK_THROWS_AS(batches.next(), UserError);
    for (const char* bad :
         {"{}", "[1]", "nonsense", R"({"ids": [[1, 2], [3]], "language": [0, 1]})",
          R"({"ids": [[1, 2]], "language": []})", R"({"ids": [], "language": []})"}) {
        CAPTURE(bad);
        write(bad);
        CHECK_THROWS_AS(RecordedBatches(folder / "b.jsonl").next(), UserError);
    }
    CHECK_THROWS_AS(RecordedBatches(folder / "missing.jsonl"), UserError);
}

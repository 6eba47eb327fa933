// A packed copy of a trace, against the original.
#include "captures/repack.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "captures/validate.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;

TEST_CASE("a packed trace is smaller, valid and holds the same values") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5", packed = folder / "packed.h5";
    write_trace(test::sample_trace({.token_counts = {7000, 3000}, .everything = true}), path);
    Progress progress;
    const RepackResult result = repack_trace(path, packed, false, progress);
    CHECK(result.bytes_before == std::filesystem::file_size(path));
    CHECK(result.bytes_after == std::filesystem::file_size(packed));
    CHECK(result.bytes_after < result.bytes_before);
    CHECK(validate_trace(packed).problems.size() == validate_trace(path).problems.size());
    const TracePtr a = open_trace(path), b = open_trace(packed);
    const TokenRange all{0, a->header().token_count};
    CHECK(b->header().prompts.id == a->header().prompts.id);
    CHECK(b->header().prompts.text == a->header().prompts.text);
    CHECK(b->header().model.checkpoint_id == a->header().model.checkpoint_id);
    CHECK(b->tokens(all).id == a->tokens(all).id);
    REQUIRE(b->layers().size() == a->layers().size());
    for (std::size_t l = 0; l < a->layers().size(); ++l) {
        CHECK(b->layers()[l].layer == a->layers()[l].layer);
        if (a->layers()[l].has_experts) CHECK(b->experts(l, all) == a->experts(l, all));
        if (a->layers()[l].has_weights) CHECK(b->weights(l, all) == a->weights(l, all));
        if (a->layers()[l].has_logits) CHECK(b->logits(l, all) == a->logits(l, all));
    }
}

TEST_CASE("nothing is left behind where a file cannot be packed") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5", packed = folder / "packed.h5";
    std::ofstream(path) << "no trace";
    Progress progress;
    CHECK_THROWS_AS(repack_trace(path, packed, false, progress), UserError);
    CHECK_FALSE(std::filesystem::exists(packed));
}

TEST_CASE("a file that is there is packed over only when asked") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5", packed = folder / "packed.h5";
    write_trace(test::sample_trace({}), path);
    std::ofstream(packed) << "something else";
    Progress progress;
    CHECK_THROWS_AS(repack_trace(path, packed, false, progress), UserError);
    repack_trace(path, packed, true, progress);
    CHECK(open_trace(packed)->header().prompts.id == open_trace(path)->header().prompts.id);
}

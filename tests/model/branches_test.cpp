// A prompt that ends in several ways is computed once; each way as if it alone stood there.
#include <ATen/ops/cat.h>
#include <catch2/generators/catch_generators.hpp>

#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"

using namespace alluvium;

namespace {

using Ids = std::vector<std::int64_t>;

Ids joined(Ids trunk, const Ids& branch) {
    trunk.insert(trunk.end(), branch.begin(), branch.end());
    return trunk;
}

at::Tensor hidden_of(const std::string& golden, const TokenBatch& batch) {
    return test::run_forward(test::golden_checkpoint(golden), {.dtype = at::kFloat}, batch).hidden;
}

}  // namespace

TEST_CASE("Branches of a prompt are computed as whole prompts are", "[model]") {
    // Plain attention, a window that ends inside the trunk, and attention that the fused kernel
    // does not know (sinks); states that go on from the trunk's; chunks and positions.
    const std::string golden = GENERATE(as<std::string>(), "apollo", "qwen2_window", "gpt_oss",
                                        "qwen3_next", "llama4");
    CAPTURE(golden);
    const Ids before{3, 1, 4, 1, 5}, trunk{9, 2, 6, 5, 3, 5}, long_branch{8, 9, 7, 9},
        short_branch{3};
    TokenBatch branched;
    branched.append(before);
    branched.append(trunk);
    branched.append_branch(long_branch);
    branched.append_branch(short_branch);
    branched.append_branch(long_branch);
    branched.append(before);

    TokenBatch whole;
    whole.append(before);
    whole.append(joined(trunk, long_branch));
    whole.append(joined(trunk, short_branch));
    const at::Tensor wanted = hidden_of(golden, whole);
    const at::Tensor expected = at::cat({
        wanted.narrow(0, 0, 5 + 10),  // the prompt before, the trunk and its first branch
        wanted.narrow(0, 5 + 10 + 6, 1),
        wanted.narrow(0, 5 + 6, 4),
        wanted.narrow(0, 0, 5),
    });
    const at::Tensor found = hidden_of(golden, branched);
    REQUIRE(found.sizes() == expected.sizes());
    // f32 in another order of summing; values are of order 1 to 10.
    CHECK((found - expected).abs().max().item<float>() < 1e-4F);
    // A branch that saw another one would differ by far more than rounding.
    CHECK((found.narrow(0, 11, 4) - found.narrow(0, 16, 4)).abs().max().item<float>() < 1e-4F);
}

#include "model/train/initial_weights.h"

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

using namespace alluvium;

TEST_CASE("A config alone becomes a checkpoint of random weights from the seed", "[model]") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "description");
    write_file_atomically(folder / "description" / "config.json",
                          test::TinyDense().config().dump());
    const auto made = [&](const std::string& name, std::uint64_t seed) {
        make_initial_checkpoint(folder / "description", folder / name, seed);
        return read_file(folder / name / "model.safetensors");
    };
    const std::string first = made("a", 1);
    CHECK(first == made("b", 1));
    CHECK(first != made("c", 2));
    CHECK(first == made("a", 2));  // it is there already

    const CheckpointPtr checkpoint = Checkpoint::open(folder / "a");
    CHECK_NOTHROW(model_spec(*checkpoint));
    const at::Tensor matrix = checkpoint->tensor("model.layers.1.mlp.up_proj.weight");
    // 48 x 32 draws: the deviation of their deviation is 2 %.
    CHECK(std::abs(matrix.std().item<double>() - 0.02) < 0.002);
    const at::Tensor norm = checkpoint->tensor("model.norm.weight");
    CHECK(at::equal(norm, at::ones_like(norm)));
    const at::Tensor bias = checkpoint->tensor("model.layers.0.self_attn.q_proj.bias");
    CHECK(at::equal(bias, at::zeros_like(bias)));
}

TEST_CASE("A config that describes no model is refused", "[model]") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_AS(make_initial_checkpoint(folder / "missing", folder / "out", 1), UserError);
    std::filesystem::create_directories(folder / "description");
    write_file_atomically(folder / "description" / "config.json",
                          R"({"model_type": "unheard-of"})");
    CHECK_THROWS_AS(make_initial_checkpoint(folder / "description", folder / "out", 1), UserError);
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
}

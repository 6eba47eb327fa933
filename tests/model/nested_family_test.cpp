// Text decoders inside models that read pictures, too: the config is one of several, the tensors
// have longer names, and there are others beside them.
#include <ATen/ATen.h>

#include "base/error.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "tests/model/altered_golden.h"
#include "tests/support/forward_record.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

at::Tensor last_hidden(const Checkpoint& checkpoint, const std::string& golden) {
    const auto model = Model::load(checkpoint, model_spec(checkpoint), Compute{});
    test::ForwardRecord record;
    ForwardPass(model).run(test::golden_batch(golden), record, Progress());
    return record.hidden;
}

// As the hub has it: the decoder's config inside, its tensors under `root`, the output head under
// `head`, and a tensor of another part.
void nest(test::AlteredGolden& golden, const std::string& model_type, const std::string& root,
          const std::string& head, const std::string& other) {
    const std::string usual = "model.";
    test::RawTensors renamed;
    for (const auto& [name, tensor] : golden.tensors) {
        const bool inside = name.starts_with(usual);
        renamed[inside ? root + name.substr(usual.size()) : head + name.substr(name.find('.'))] =
            tensor;
    }
    renamed[other] = golden.tensors.at("model.norm.weight");
    golden.tensors = renamed;
    golden.config = Json{{"model_type", model_type}, {"text_config", golden.config}};
}

// The experts of a layer in two tensors: gate over up, and down.
void fuse_experts(test::RawTensors& tensors, const std::string& prefix, std::int64_t experts) {
    test::RawTensor gate_up, down;
    for (std::int64_t e = 0; e < experts; ++e) {
        const auto take = [&](const char* matrix, test::RawTensor& into) {
            const auto found = tensors.find(prefix + std::to_string(e) + "." + matrix + ".weight");
            into.dtype = found->second.dtype;
            into.shape = found->second.shape;
            into.bytes += found->second.bytes;
            tensors.erase(found);
        };
        take("gate_proj", gate_up);
        take("up_proj", gate_up);
        take("down_proj", down);
    }
    gate_up.shape = {experts, 2 * gate_up.shape[0], gate_up.shape[1]};
    down.shape = {experts, down.shape[0], down.shape[1]};
    tensors[prefix + "gate_up_proj"] = gate_up;
    tensors[prefix + "down_proj"] = down;
}

}  // namespace

TEST_CASE("Llama 4's text decoder is found beside its vision tower", "[model]") {
    test::AlteredGolden golden("llama4");
    const at::Tensor wanted = last_hidden(*golden.checkpoint(), "llama4");
    nest(golden, "llama4", "language_model.model.", "language_model.lm_head",
         "vision_model.norm.weight");
    CHECK(at::equal(last_hidden(*golden.checkpoint(), "llama4"), wanted));
}

TEST_CASE("Qwen3.5's text decoder is found, its experts in one tensor", "[model]") {
    test::AlteredGolden golden("qwen3_5_moe");
    const at::Tensor wanted = last_hidden(*golden.checkpoint(), "qwen3_5_moe");
    for (const char* layer : {"0", "1"}) {
        fuse_experts(golden.tensors, std::string("model.layers.") + layer + ".mlp.experts.", 7);
    }
    nest(golden, "qwen3_5_moe", "model.language_model.", "lm_head", "model.visual.norm.weight");
    CHECK(at::equal(last_hidden(*golden.checkpoint(), "qwen3_5_moe"), wanted));
}

TEST_CASE("A tensor that belongs to no part of the model is still left over", "[model]") {
    test::AlteredGolden golden("llama4");
    nest(golden, "llama4", "language_model.model.", "language_model.lm_head",
         "audio_model.norm.weight");
    CHECK_THROWS_AS(golden.spec(), UserError);
}

#include "model/upcycle/plain_form.h"

#include <ATen/ATen.h>

#include "model/families/model_spec.h"

namespace alluvium {
namespace {

void add_norm(PlainForm& form, const NormSpec& norm) {
    if (norm.weight_offset == 0) return;
    form.changed[norm.weight.tensor] = {"F32",
                                        [offset = norm.weight_offset](const at::Tensor& stored) {
                                            return stored.to(at::kFloat) + offset;
                                        }};
}

}  // namespace

PlainForm plain_form(const ModelSpec& spec) {
    PlainForm form;
    for (const LayerSpec& layer : spec.layers) {
        add_norm(form, layer.attention_norm);
        add_norm(form, layer.feed_forward_norm);
    }
    add_norm(form, spec.final_norm);
    if (spec.embedding_multiplier == 1) return form;
    form.changed[spec.embedding.tensor] = {
        "", [factor = spec.embedding_multiplier](const at::Tensor& stored) {
            return stored * at::scalar_tensor(factor, stored.options());
        }};
    if (spec.output.weight.tensor == spec.embedding.tensor) form.own_head = "lm_head.weight";
    return form;
}

}  // namespace alluvium

#include "model/train/adamw.h"

#include <ATen/ATen.h>

namespace alluvium {

AdamW::AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
    for (at::Tensor& parameter : parameters_) {
        parameter = parameter.detach();  // the same memory, outside the gradient graph
        first_.push_back(at::zeros_like(parameter));
        second_.push_back(at::zeros_like(parameter));
        steps_.push_back(at::zeros({}, at::TensorOptions(at::kFloat)));
    }
}

void AdamW::step(const std::vector<at::Tensor>& gradients, double learning_rate) {
    step_group(gradients, learning_rate, true);
    step_group(gradients, learning_rate, false);
}

void AdamW::step_group(const std::vector<at::Tensor>& gradients, double learning_rate,
                       bool decayed) {
    std::vector<at::Tensor> values, changes, first, second, steps;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        if (!gradients[i].defined() || (parameters_[i].dim() > 1) != decayed) continue;
        values.push_back(parameters_[i]);
        changes.push_back(gradients[i].contiguous());
        first.push_back(first_[i]);
        second.push_back(second_[i]);
        steps.push_back(steps_[i].add_(1));
    }
    if (values.empty()) return;
    at::_fused_adamw_(values, changes, first, second, {}, steps, learning_rate, options_.beta1,
                      options_.beta2, decayed ? options_.weight_decay : 0.0, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
}

double clip_norm(std::vector<at::Tensor>& gradients, double limit) {
    std::vector<at::Tensor> norms;
    for (const at::Tensor& gradient : gradients) {
        if (gradient.defined()) norms.push_back(at::linalg_vector_norm(gradient));
    }
    const double norm = at::linalg_vector_norm(at::stack(norms)).item<double>();
    if (limit > 0) {
        const double scale = limit / (norm + 1e-6);
        if (scale < 1) {
            for (at::Tensor& gradient : gradients) {
                if (gradient.defined()) gradient.mul_(scale);
            }
        }
    }
    return norm;
}

}  // namespace alluvium

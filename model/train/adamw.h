#pragma once
// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with clipping of the gradients' common norm.
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace alluvium {

struct AdamWOptions {
    double beta1 = 0.9;
    double beta2 = 0.95;
    double epsilon = 1e-8;
    double weight_decay = 0.1;  // of parameters with two or more dimensions
};

class AdamW {
  public:
    // The moments start at 0.
    AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options);

    // Changes the parameters in place. `gradients` are in the order of the parameters; where one is
    // undefined, its parameter stays as it is, decay included.
    void step(const std::vector<at::Tensor>& gradients, double learning_rate);

    std::vector<at::Tensor>& first_moments() { return first_; }
    std::vector<at::Tensor>& second_moments() { return second_; }
    std::vector<at::Tensor>& steps() { return steps_; }  // scalars: how often each was changed

  private:
    void step_group(const std::vector<at::Tensor>& gradients, double learning_rate, bool decayed);

    std::vector<at::Tensor> parameters_, first_, second_, steps_;
    AdamWOptions options_;
};

// Scales the gradients in place so that their common norm is at most `limit` (0: no limit); returns
// the norm before. Undefined gradients count as 0.
double clip_norm(std::vector<at::Tensor>& gradients, double limit);

}  // namespace alluvium

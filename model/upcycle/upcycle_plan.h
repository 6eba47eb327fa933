#pragma once
// Which tensors an upcycled checkpoint consists of and where each of them comes from.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/ids.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/families/model_spec.h"
#include "model/upcycle/merged_models.h"
#include "model/upcycle/plain_form.h"
#include "model/upcycle/upcycle.h"

namespace alluvium {

struct RoutedLayout;

// One tensor of the result: the bytes of a tensor elsewhere, or one that is computed when its turn
// comes.
struct PlannedTensor {
    TensorToWrite tensor;
    const Checkpoint* source = nullptr;
    const TensorInfo* info = nullptr;    // in the source
    std::function<at::Tensor()> make{};  // where there is no source
};

class UpcyclePlan {
  public:
    // Everything has to outlive the plan. UserError as parse_layer_list.
    UpcyclePlan(const Checkpoint& dense, const ModelSpec& spec, const RoutedLayout& layout,
                const MergedModels& merged, const UpcycleOptions& options);

    const std::vector<PlannedTensor>& tensors() const { return tensors_; }
    const std::vector<LayerId>& routed() const { return routed_; }
    std::vector<TensorToWrite> to_write() const;

  private:
    using Content = std::function<at::Tensor()>;

    void add_experts(LayerId layer);
    void add_router(const std::string& mlp, LayerId layer, std::string_view dtype,
                    std::vector<PlannedTensor>& to);
    void add_shared_expert(const std::string& mlp, LayerId layer, std::string_view dtype,
                           std::vector<PlannedTensor>& to);
    void add_rest(const std::string& name, const TensorInfo& info);
    PlannedTensor expert(const std::string& name, const TensorInfo& info, int number,
                         const std::string& new_name) const;
    // Of a normal distribution; the part tells the tensors of a layer apart.
    Content drawn(std::vector<std::int64_t> shape, std::string_view dtype, LayerId layer,
                  std::uint64_t part) const;

    const Checkpoint& dense_;
    const ModelSpec& spec_;
    const RoutedLayout& layout_;
    const MergedModels& merged_;
    const UpcycleOptions& options_;
    PlainForm plain_;
    double deviation_ = 0;
    std::vector<LayerId> routed_;
    std::map<std::string, std::vector<PlannedTensor>> replacements_;  // of dense tensors, by name
    std::vector<PlannedTensor> tensors_;
};

// The width of the shared expert of a layout that cannot be without one. Its down projection is 0:
// it contributes nothing until training says so.
inline constexpr std::int64_t kSharedWidth = 32;

}  // namespace alluvium

#include "model/forward/prompt_memory.h"

#include <algorithm>
#include <cassert>

#include <ATen/ATen.h>

#include "model/families/model_spec.h"
#include "model/forward/rotary.h"

namespace alluvium {
namespace {

constexpr std::int64_t kFirstRows = 64;

bool turns_alike(const AttentionSpec& attention, std::int64_t before, std::int64_t after) {
    const auto at_length = [&](std::int64_t length) {
        return rotary_frequencies(attention.rotary, attention.head_dim, length);
    };
    const RotaryFrequencies then = at_length(before);
    const RotaryFrequencies now = at_length(after);
    return then.magnitude == now.magnitude && at::equal(then.frequency, now.frequency);
}

}  // namespace

PromptMemory::PromptMemory(const ModelSpec& spec) : layers_(spec.layers.size()) {}

bool PromptMemory::can_grow(const ModelSpec& spec, std::int64_t more) const {
    if (tokens_ == 0) return true;
    const RotarySpec* checked = nullptr;
    return std::ranges::all_of(spec.layers, [&](const LayerSpec& layer) {
        if (checked != nullptr && *checked == layer.attention.rotary) return true;
        checked = &layer.attention.rotary;
        return turns_alike(layer.attention, tokens_, tokens_ + more);
    });
}

void PromptMemory::clear() {
    for (Layer& layer : layers_) {
        layer.key.rows = layer.value.rows = 0;
        layer.now = layer.next = {};
    }
    tokens_ = 0;
}

void PromptMemory::Store::append(const at::Tensor& more) {
    const std::int64_t needed = rows + more.size(0);
    if (!block.defined() || block.size(0) < needed) {
        const std::int64_t held = block.defined() ? block.size(0) : kFirstRows;
        const at::Tensor larger =
            at::empty({std::max(needed, 2 * held), more.size(1), more.size(2)}, more.options());
        if (rows > 0) larger.narrow(0, 0, rows).copy_(filled());
        block = larger;
    }
    block.narrow(0, rows, more.size(0)).copy_(more);
    rows = needed;
}

void PromptMemory::append(LayerId layer, const at::Tensor& key, const at::Tensor& value) {
    Layer& own = layers_[static_cast<std::size_t>(layer)];
    // What a pass that was cancelled left behind tokens() does not count.
    own.key.rows = own.value.rows = tokens_;
    own.key.append(key);
    own.value.append(value);
}

void PromptMemory::carry(LayerId layer, CarriedState state) {
    layers_[static_cast<std::size_t>(layer)].next = std::move(state);
}

void PromptMemory::finish(std::int64_t tokens) {
    tokens_ += tokens;
    for (Layer& layer : layers_) layer.now = layer.next;
}

CarriedState PromptMemory::carried(LayerId layer) const {
    return layers_[static_cast<std::size_t>(layer)].now;
}

at::Tensor PromptMemory::keys(LayerId layer) const {
    return layers_[static_cast<std::size_t>(layer)].key.filled();
}

at::Tensor PromptMemory::values(LayerId layer) const {
    return layers_[static_cast<std::size_t>(layer)].value.filled();
}

}  // namespace alluvium

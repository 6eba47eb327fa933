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

// Grown by doubling, and beside what it has grown out of.
constexpr std::uint64_t kGrowth = 3;

std::uint64_t product(std::initializer_list<std::int64_t> sizes) {
    std::uint64_t result = 1;
    for (const std::int64_t size : sizes) result *= static_cast<std::uint64_t>(size);
    return result;
}

// What a layer of the delta rule carries, now and next.
std::uint64_t carried_bytes(const DeltaSpec& delta) {
    const std::uint64_t matrices = product({delta.value_heads, delta.key_dim, delta.value_dim});
    const std::uint64_t tail = product(
        {delta.taps, 2 * delta.key_heads * delta.key_dim + delta.value_heads * delta.value_dim});
    return 2 * (matrices + tail) * sizeof(float);
}

}  // namespace

std::uint64_t remembered_bytes(const ModelSpec& spec, std::uint64_t tokens,
                               std::uint64_t element_bytes) {
    std::uint64_t each = 0, carried = 0;
    for (const LayerSpec& layer : spec.layers) {
        const AttentionSpec& attention = layer.attention;
        if (attention.delta) {
            carried += carried_bytes(*attention.delta);
        } else if (attention.latent) {  // as they are multiplied, for every head
            each += product({attention.heads, attention.head_dim + attention.value_dim});
        } else {
            each += product({attention.kv_heads, 2 * attention.head_dim});
        }
    }
    const std::uint64_t rows = std::max<std::uint64_t>(tokens, kFirstRows);
    return kGrowth * rows * each * element_bytes + carried;
}

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

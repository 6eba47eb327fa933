#include "model/forward/rotary.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <ATen/ATen.h>

#include "model/forward/row_order.h"

namespace alluvium {
namespace {

// Everything per pair is computed in f32 in the order of the published implementations: at position
// 4,000 the rounding of a frequency is already visible.

// theta^(2i / D) for each pair. [D / 2]
at::Tensor wave_factors(double theta, std::int64_t dims) {
    const at::Tensor exponent = at::arange(0, dims, 2, at::kFloat) / static_cast<double>(dims);
    return at::pow(at::Scalar(theta), exponent);
}

// The frequencies of each kind of scaling.
struct Scale {
    double theta;
    std::int64_t dims;
    std::int64_t length;

    at::Tensor unscaled() const { return at::reciprocal(wave_factors(theta, dims)); }

    at::Tensor operator()(std::monostate) const { return unscaled(); }

    at::Tensor operator()(const LinearScaling& s) const { return unscaled() / s.factor; }

    at::Tensor operator()(const DynamicScaling& s) const {
        const double reached = std::max(static_cast<double>(length), s.original);
        const double growth = s.factor * reached / s.original - (s.factor - 1);
        const auto d = static_cast<double>(dims);
        return at::reciprocal(wave_factors(theta * std::pow(growth, d / (d - 2)), dims));
    }

    at::Tensor operator()(const YarnScaling& s) const {
        // The dimension that turns so many times within the original length.
        const auto dimension = [&](double turns) {
            return static_cast<double>(dims) * std::log(s.original / (turns * 2 * M_PI)) /
                   (2 * std::log(theta));
        };
        double low = dimension(s.beta_fast);
        double high = dimension(s.beta_slow);
        if (s.truncate) {
            low = std::floor(low);
            high = std::ceil(high);
        }
        low = std::max(low, 0.0);
        high = std::min(high, static_cast<double>(dims - 1));
        if (low == high) high += 0.001;
        const at::Tensor ramp =
            ((at::arange(dims / 2, at::kFloat) - low) / (high - low)).clamp(0, 1);
        const at::Tensor kept = 1 - ramp;
        const at::Tensor waves = wave_factors(theta, dims);
        return at::reciprocal(s.factor * waves) * (1 - kept) + at::reciprocal(waves) * kept;
    }

    at::Tensor operator()(const Llama3Scaling& s) const {
        const at::Tensor frequency = unscaled();
        const at::Tensor wavelength = 2 * M_PI / frequency;
        const double longest = s.original / s.low;
        const double shortest = s.original / s.high;
        const at::Tensor smooth = (s.original / wavelength - s.low) / (s.high - s.low);
        const at::Tensor between = (1 - smooth) * frequency / s.factor + smooth * frequency;
        const at::Tensor outer = at::where(wavelength > longest, frequency / s.factor, frequency);
        const at::Tensor medium = wavelength.ge(shortest).logical_and(wavelength.le(longest));
        return at::where(medium, between, outer);
    }

    at::Tensor operator()(const LongScaling& s) const {
        const bool is_long = static_cast<double>(length) > s.original;
        const at::Tensor factors =
            at::tensor(is_long ? s.long_factors : s.short_factors, at::kFloat);
        return at::reciprocal(factors * wave_factors(theta, dims));
    }
};

std::int64_t rotated_dims(const RotarySpec& spec, std::int64_t head_dim) {
    return spec.dims == 0 ? head_dim : spec.dims;
}

}  // namespace

RotaryFrequencies rotary_frequencies(const RotarySpec& spec, std::int64_t head_dim,
                                     std::int64_t length) {
    RotaryFrequencies result{
        std::visit(Scale{spec.theta, rotated_dims(spec, head_dim), length}, spec.scaling),
        spec.magnitude};
    if (const auto* scaling = std::get_if<LongScaling>(&spec.scaling)) {
        const bool is_long = static_cast<double>(length) > scaling->original;
        result.magnitude = is_long ? scaling->long_magnitude : scaling->short_magnitude;
    }
    return result;
}

RotaryTable rotary_table(const RotarySpec& spec, std::int64_t head_dim, const TokenBatch& batch,
                         at::Device device) {
    const std::int64_t half = rotated_dims(spec, head_dim) / 2;
    const at::Tensor cosine = at::empty({batch.tokens(), half}, at::kFloat);
    const at::Tensor sine = at::empty_like(cosine);
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        const std::int64_t begin = batch.begin(prompt);
        const std::int64_t length = batch.end(prompt) - begin;
        if (length == 0) continue;
        const RowOrder order = row_order(batch, prompt);
        const RotaryFrequencies turn = rotary_frequencies(spec, head_dim, order.reach);
        const at::Tensor angle = at::outer(at::tensor(order.position, at::kFloat), turn.frequency);
        cosine.narrow(0, begin, length).copy_(angle.cos() * turn.magnitude);
        sine.narrow(0, begin, length).copy_(angle.sin() * turn.magnitude);
    }
    return {cosine.to(device), sine.to(device)};
}

RotaryTables::RotaryTables(const ModelSpec& spec, const TokenBatch& batch, at::Device device) {
    for (const LayerSpec& layer : spec.layers) {
        const AttentionSpec& attention = layer.attention;
        if (find(attention) != nullptr) continue;
        entries_.push_back({attention.rotary, attention.head_dim,
                            rotary_table(attention.rotary, attention.head_dim, batch, device)});
    }
}

const RotaryTable& RotaryTables::of(const AttentionSpec& attention) const {
    const Entry* entry = find(attention);
    assert(entry != nullptr);
    return entry->table;
}

const RotaryTables::Entry* RotaryTables::find(const AttentionSpec& attention) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.spec == attention.rotary && entry.head_dim == attention.head_dim;
    });
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace alluvium

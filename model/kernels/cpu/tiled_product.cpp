#include "model/kernels/cpu/tiled_product.h"

#include <cassert>
#include <cstdlib>
#include <new>
#include <numeric>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "model/kernels/cpu/panel_product.h"
#include "model/kernels/cpu/row_ops.h"

namespace alluvium {
namespace {

constexpr std::size_t kAlignment = 64;

const std::byte* bytes(const at::Tensor& tensor) {
    return static_cast<const std::byte*>(tensor.const_data_ptr());
}

std::byte* mutable_bytes(const at::Tensor& tensor) {
    return static_cast<std::byte*>(tensor.mutable_data_ptr());
}

// Row-major [rows, columns] memory.
struct Matrix {
    explicit Matrix(const at::Tensor& tensor)
        : data(bytes(tensor)),
          rows(tensor.size(0)),
          columns(tensor.size(1)),
          element_bytes(static_cast<std::int64_t>(tensor.element_size())) {
        assert(tensor.is_contiguous());
    }
    const std::byte* row(std::int64_t i) const { return data + i * columns * element_bytes; }
    PrefetchRange range(std::int64_t first, std::int64_t count) const {
        return {row(first), std::min(count, rows - first) * columns * element_bytes};
    }

    const std::byte* data;
    std::int64_t rows;
    std::int64_t columns;
    std::int64_t element_bytes;
};

// `count` rows of W from `first` into the panel's lanes from `lane`.
void place_rows(Panel& panel, std::int64_t lane, const Matrix& w, std::int64_t first,
                std::int64_t count) {
    for (std::int64_t i = 0; i < count && first + i < w.rows; ++i) {
        panel.rows[static_cast<std::size_t>(lane + i)] = w.row(first + i);
    }
}

std::int64_t panels(std::int64_t rows, std::int64_t width) {
    return (rows + width - 1) / width;
}

std::vector<const std::byte*> row_pointers(const Matrix& x, std::span<const std::int64_t> rows) {
    std::vector<const std::byte*> pointers;
    pointers.reserve(rows.size());
    for (const std::int64_t row : rows) pointers.push_back(x.row(row));
    return pointers;
}

at::Tensor contiguous_as(const at::Tensor& x, at::ScalarType type) {
    return x.to(type).contiguous();
}

}  // namespace

PanelScratch& PanelScratch::of_this_thread(const TileKernel& kernel) {
    thread_local PanelScratch scratch;
    if (scratch.panel_bytes_ < kernel.panel_bytes) {
        scratch.panel_.reset(static_cast<std::byte*>(
            std::aligned_alloc(kAlignment, static_cast<std::size_t>(kernel.panel_bytes))));
        scratch.sums_.reset(static_cast<float*>(std::aligned_alloc(
            kAlignment, static_cast<std::size_t>(kRowBlock * kPanel) * sizeof(float))));
        if (!scratch.panel_ || !scratch.sums_) throw std::bad_alloc();
        scratch.panel_bytes_ = kernel.panel_bytes;
    }
    return scratch;
}

PrefetchRange prefetch_part(const std::array<PrefetchRange, 2>& next, std::int64_t i,
                            std::int64_t calls) {
    const std::int64_t per_range = std::max<std::int64_t>(1, calls / 2);
    const std::int64_t which = next[1].bytes == 0 ? 0 : std::min<std::int64_t>(1, i / per_range);
    const PrefetchRange& range = next[static_cast<std::size_t>(which)];
    const std::int64_t parts = next[1].bytes == 0 ? calls : per_range;
    const std::int64_t part = (range.bytes / parts + 63) / 64 * 64;
    const std::int64_t begin = std::min(range.bytes, part * (i - which * per_range));
    return {range.begin + begin, std::min(part, range.bytes - begin)};
}

at::Tensor tiled_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        at::ScalarType type) {
    const Matrix w(weight);
    const TileKernel& kernel = tile_kernel(weight.scalar_type(), w.columns);
    const at::Tensor input = contiguous_as(x, kernel.x_type);
    const Matrix in(input);
    std::vector<float> offset(static_cast<std::size_t>(w.rows), 0.0F);
    if (bias.defined()) load_row(bytes(bias), bias.scalar_type(), w.rows, offset.data());
    at::Tensor y = at::empty({in.rows, w.rows}, x.options().dtype(type));
    std::byte* const out = mutable_bytes(y);
    const auto out_bytes = static_cast<std::int64_t>(y.element_size());

    std::vector<std::int64_t> all(static_cast<std::size_t>(in.rows));
    std::iota(all.begin(), all.end(), 0);
    const std::vector<const std::byte*> pointers = row_pointers(in, all);
    const std::int64_t per_block = panels(w.rows, kPanel);
    run_tasks(panels(in.rows, kRowBlock) * per_block, in.rows * w.rows * w.columns,
              [&](std::int64_t task, std::int64_t next) {
                  const std::int64_t first_row = task / per_block * kRowBlock;
                  const std::int64_t first = task % per_block * kPanel;
                  const std::int64_t width = std::min(kPanel, w.rows - first);
                  Panel panel{.k = w.columns, .element_bytes = w.element_bytes};
                  place_rows(panel, 0, w, first, kPanel);
                  panel.next[0] = w.range(next % per_block * kPanel, kPanel);
                  const std::int64_t count = std::min(kRowBlock, in.rows - first_row);
                  multiply_panel(kernel, std::span(pointers).subspan(first_row, count), panel,
                                 [&](std::int64_t row, float* sums) {
                                     if (bias.defined())
                                         add_scaled(offset.data() + first, 1.0F, width, sums);
                                     store_row(
                                         sums, width, type,
                                         out + ((first_row + row) * w.rows + first) * out_bytes);
                                 });
              });
    return y;
}

namespace {

// One expert's share of x: at most kRowBlock rows at a time.
struct Share {
    std::size_t expert = 0;
    std::vector<const std::byte*> x;   // rows of x
    std::vector<std::int64_t> tokens;  // where the results go
    std::vector<float> scale;
    std::int64_t first_pair = 0;  // row of the hidden layer's matrix
};

std::vector<Share> shares_of(const Matrix& x, std::span<const ExpertRows> rows) {
    std::vector<Share> shares;
    std::int64_t pair = 0;
    for (std::size_t e = 0; e < rows.size(); ++e) {
        const std::span<const std::int64_t> all(rows[e].rows);
        for (std::size_t begin = 0; begin < all.size(); begin += kRowBlock) {
            const std::size_t n = std::min<std::size_t>(kRowBlock, all.size() - begin);
            const std::span<const std::int64_t> part = all.subspan(begin, n);
            shares.push_back(
                {.expert = e,
                 .x = row_pointers(x, part),
                 .tokens = {part.begin(), part.end()},
                 .scale = {rows[e].scale.begin() + begin, rows[e].scale.begin() + begin + n},
                 .first_pair = pair});
            pair += static_cast<std::int64_t>(n);
        }
    }
    return shares;
}

// sums += the bias from element `first` on.
void add_bias(const at::Tensor& bias, std::int64_t first, std::int64_t count, float* sums) {
    if (bias.defined()) add_scaled(bias.const_data_ptr<float>() + first, 1.0F, count, sums);
}

// hidden [pairs, F] = activation(gate(x), up(x)): half of a panel's lanes are gate's, half up's, so
// that both meet in one row of sums.
void hidden_layer(const TileKernel& kernel, std::span<const Share> shares,
                  std::span<const ExpertMatrices> experts, const GateFunction& activation,
                  const at::Tensor& hidden) {
    constexpr std::int64_t kHalf = kPanel / 2;
    const std::int64_t width = hidden.size(1);
    const std::int64_t per_share = panels(width, kHalf);
    std::byte* const out = mutable_bytes(hidden);
    const auto out_bytes = static_cast<std::int64_t>(hidden.element_size());
    const auto tasks = static_cast<std::int64_t>(shares.size()) * per_share;
    run_tasks(tasks, 2 * hidden.numel() * experts.front().gate.size(1),
              [&](std::int64_t task, std::int64_t next) {
                  const Share& share = shares[static_cast<std::size_t>(task / per_share)];
                  const Matrix gate(experts[share.expert].gate);
                  const Matrix up(experts[share.expert].up);
                  const std::int64_t first = task % per_share * kHalf;
                  const std::int64_t count = std::min(kHalf, width - first);
                  Panel panel{.k = gate.columns, .element_bytes = gate.element_bytes};
                  place_rows(panel, 0, gate, first, kHalf);
                  place_rows(panel, kHalf, up, first, kHalf);
                  if (next < tasks) {
                      const std::size_t e =
                          shares[static_cast<std::size_t>(next / per_share)].expert;
                      const std::int64_t at = next % per_share * kHalf;
                      panel.next = {Matrix(experts[e].gate).range(at, kHalf),
                                    Matrix(experts[e].up).range(at, kHalf)};
                  }
                  const ExpertMatrices& expert = experts[share.expert];
                  multiply_panel(kernel, share.x, panel, [&](std::int64_t row, float* sums) {
                      add_bias(expert.gate_bias, first, count, sums);
                      add_bias(expert.up_bias, first, count, sums + kHalf);
                      alignas(kAlignment) std::array<float, kHalf> values;
                      activation(sums, sums + kHalf, kHalf, values.data());
                      store_row(values.data(), count, hidden.scalar_type(),
                                out + ((share.first_pair + row) * width + first) * out_bytes);
                  });
              });
}

// out [T, H] += scale * down(hidden). A task owns a strip of columns and goes through the experts
// in order, so that no two threads write the same place and the order of the sum is fixed.
void output_layer(const TileKernel& kernel, std::span<const Share> shares,
                  std::span<const ExpertMatrices> experts, const at::Tensor& hidden,
                  const at::Tensor& out) {
    const Matrix in(hidden);
    const std::int64_t columns = out.size(1);
    auto* const y = out.mutable_data_ptr<float>();
    run_tasks(panels(columns, kPanel), hidden.numel() * columns,
              [&](std::int64_t task, std::int64_t next) {
                  const std::int64_t first = task * kPanel;
                  const std::int64_t count = std::min(kPanel, columns - first);
                  for (std::size_t s = 0; s < shares.size(); ++s) {
                      const Share& share = shares[s];
                      const Matrix down(experts[share.expert].down);
                      Panel panel{.k = down.columns, .element_bytes = down.element_bytes};
                      place_rows(panel, 0, down, first, kPanel);
                      const bool last = s + 1 == shares.size();
                      const std::int64_t next_first = (last ? next : task) * kPanel;
                      if (next_first < columns) {
                          const std::size_t e = shares[last ? 0 : s + 1].expert;
                          panel.next[0] = Matrix(experts[e].down).range(next_first, kPanel);
                      }
                      std::vector<const std::byte*> x;
                      x.reserve(share.tokens.size());
                      for (std::size_t i = 0; i < share.tokens.size(); ++i) {
                          x.push_back(in.row(share.first_pair + static_cast<std::int64_t>(i)));
                      }
                      const at::Tensor& bias = experts[share.expert].down_bias;
                      multiply_panel(kernel, x, panel, [&](std::int64_t row, float* sums) {
                          add_bias(bias, first, count, sums);
                          const auto at = static_cast<std::size_t>(row);
                          add_scaled(sums, share.scale[at], count,
                                     y + share.tokens[at] * columns + first);
                      });
                  }
              });
}

}  // namespace

void add_tiled_experts(const at::Tensor& x, std::span<const ExpertRows> rows,
                       std::span<const ExpertMatrices> experts, const GateFunction& activation,
                       const at::Tensor& sum) {
    const at::Tensor& gate = experts.front().gate;
    const at::Tensor& down = experts.front().down;
    const TileKernel& first = tile_kernel(gate.scalar_type(), gate.size(1));
    const TileKernel& second = tile_kernel(down.scalar_type(), down.size(1));
    const at::Tensor input = contiguous_as(x, first.x_type);
    const std::vector<Share> shares = shares_of(Matrix(input), rows);
    std::int64_t pairs = 0;
    for (const ExpertRows& expert : rows) pairs += static_cast<std::int64_t>(expert.rows.size());
    const at::Tensor hidden = at::empty({pairs, gate.size(0)}, x.options().dtype(second.x_type));
    hidden_layer(first, shares, experts, activation, hidden);
    output_layer(second, shares, experts, hidden, sum);
}

at::Tensor tiled_experts(const at::Tensor& x, std::span<const ExpertRows> rows,
                         std::span<const ExpertMatrices> experts, const GateFunction& activation) {
    at::Tensor sum =
        at::zeros({x.size(0), experts.front().down.size(0)}, x.options().dtype(at::kFloat));
    add_tiled_experts(x, rows, experts, activation, sum);
    return sum;
}

}  // namespace alluvium

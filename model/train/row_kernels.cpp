#include "model/train/row_kernels.h"

#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace alluvium {
namespace {

// Rows handed to a thread at once: enough that handing out costs nothing.
constexpr std::int64_t kRowsAtOnce = 64;
// Partial sums over rows are kept apart in so many blocks and then added in order, so that the
// result does not depend on the number of threads.
constexpr std::int64_t kBlocks = 32;

// Calls f with a value of the C++ type behind `dtype`.
template <typename F>
auto with_type(at::ScalarType dtype, F&& f) {
    switch (dtype) {
        case at::kDouble:
            return f(double{});
        case at::kBFloat16:
            return f(at::BFloat16{});
        default:
            TORCH_CHECK(dtype == at::kFloat, "training computes in f32, f64 or bf16");
            return f(float{});
    }
}

template <typename T>
struct WideOf {
    using type = float;
};
template <>
struct WideOf<double> {
    using type = double;
};
template <typename T>
using Wide = typename WideOf<T>::type;

template <typename F>
void for_rows(std::int64_t rows, F&& f) {
    at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) f(row);
    });
}

at::Tensor make(at::IntArrayRef shape, at::ScalarType dtype) {
    return at::empty(shape, at::TensorOptions(dtype));
}

template <typename N>
void norm_backward(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight,
                   const at::Tensor& inverse, at::Tensor& dx, at::Tensor& partial) {
    using W = Wide<N>;
    const std::int64_t rows = x.size(0);
    const std::int64_t width = x.size(1);
    const N* from = gradient.const_data_ptr<N>();
    const W* input = x.const_data_ptr<W>();
    const W* scale = weight.const_data_ptr<W>();
    const W* inverses = inverse.const_data_ptr<W>();
    W* out = dx.mutable_data_ptr<W>();
    W* sums = partial.mutable_data_ptr<W>();
    at::parallel_for(0, kBlocks, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            W* sum = sums + block * width;
            for (std::int64_t r = rows * block / kBlocks; r < rows * (block + 1) / kBlocks; ++r) {
                const N* dy = from + r * width;
                const W* xr = input + r * width;
                const W inv = inverses[r];
                W dot = 0;
#pragma omp simd reduction(+ : dot)
                for (std::int64_t i = 0; i < width; ++i) {
                    const W g = static_cast<W>(dy[i]);
                    sum[i] += g * xr[i] * inv;
                    dot += g * scale[i] * xr[i];
                }
                const W pull = dot * inv * inv * inv / static_cast<W>(width);
                for (std::int64_t i = 0; i < width; ++i) {
                    out[r * width + i] = static_cast<W>(dy[i]) * scale[i] * inv - xr[i] * pull;
                }
            }
        }
    });
}

}  // namespace

at::ScalarType wide_type(at::ScalarType narrow) {
    return narrow == at::kDouble ? at::kDouble : at::kFloat;
}

NormResult rms_norm_rows(const at::Tensor& x_in, const at::Tensor& weight, double epsilon,
                         at::ScalarType narrow) {
    const at::Tensor x = x_in.contiguous();
    const std::int64_t width = x.size(1);
    NormResult result{make(x.sizes(), narrow), make({x.size(0)}, wide_type(narrow))};
    with_type(narrow, [&](auto type) {
        using N = decltype(type);
        using W = Wide<N>;
        const W* input = x.const_data_ptr<W>();
        const W* scale = weight.const_data_ptr<W>();
        N* out = result.out.mutable_data_ptr<N>();
        W* inverses = result.inverse.mutable_data_ptr<W>();
        for_rows(x.size(0), [=](std::int64_t r) {
            const W* row = input + r * width;
            W squares = 0;
#pragma omp simd reduction(+ : squares)
            for (std::int64_t i = 0; i < width; ++i) squares += row[i] * row[i];
            const W inverse =
                1 / std::sqrt(squares / static_cast<W>(width) + static_cast<W>(epsilon));
            inverses[r] = inverse;
            for (std::int64_t i = 0; i < width; ++i) {
                out[r * width + i] = static_cast<N>(row[i] * inverse * scale[i]);
            }
        });
    });
    return result;
}

std::pair<at::Tensor, at::Tensor> rms_norm_rows_backward(const at::Tensor& gradient_in,
                                                         const at::Tensor& x_in,
                                                         const at::Tensor& weight,
                                                         const at::Tensor& inverse) {
    const at::Tensor gradient = gradient_in.contiguous();
    const at::Tensor x = x_in.contiguous();
    at::Tensor dx = at::empty_like(x);
    at::Tensor partial = at::zeros({kBlocks, x.size(1)}, x.options());
    with_type(gradient.scalar_type(), [&](auto type) {
        norm_backward<decltype(type)>(gradient, x, weight, inverse, dx, partial);
    });
    return {dx, partial.sum(0)};
}

at::Tensor rotate_rows(const at::Tensor& x_in, const at::Tensor& cosine, const at::Tensor& sine,
                       double sign) {
    const at::Tensor x = x_in.contiguous();
    const std::int64_t heads = x.size(1);
    const std::int64_t half = x.size(2) / 2;
    const std::int64_t length = cosine.size(0);
    at::Tensor result = at::empty_like(x);
    with_type(x.scalar_type(), [&](auto type) {
        using N = decltype(type);
        using W = Wide<N>;
        const N* input = x.const_data_ptr<N>();
        const W* cosines = cosine.const_data_ptr<W>();
        const W* sines = sine.const_data_ptr<W>();
        N* output = result.mutable_data_ptr<N>();
        const W turn = static_cast<W>(sign);
        for_rows(x.size(0), [=](std::int64_t token) {
            const W* c = cosines + token % length * half;
            const W* s = sines + token % length * half;
            for (std::int64_t head = 0; head < heads; ++head) {
                const N* from = input + (token * heads + head) * 2 * half;
                N* to = output + (token * heads + head) * 2 * half;
                for (std::int64_t i = 0; i < half; ++i) {
                    const W a = static_cast<W>(from[i]);
                    const W b = static_cast<W>(from[half + i]);
                    to[i] = static_cast<N>(a * c[i] - b * turn * s[i]);
                    to[half + i] = static_cast<N>(b * c[i] + a * turn * s[i]);
                }
            }
        });
    });
    return result;
}

PairPlaces group_by_expert(const at::Tensor& experts_in, std::int64_t expert_count,
                           std::int64_t multiple) {
    const at::Tensor experts = experts_in.contiguous();
    const auto* expert = experts.const_data_ptr<std::int64_t>();
    const std::int64_t pairs = experts.numel();
    PairPlaces places{experts.size(1), std::vector<std::int64_t>(static_cast<std::size_t>(pairs)),
                      std::vector<std::int64_t>(static_cast<std::size_t>(expert_count) + 1)};
    std::vector<std::int64_t> next(static_cast<std::size_t>(expert_count));
    for (std::int64_t p = 0; p < pairs; ++p)
        ++places.begin[static_cast<std::size_t>(expert[p]) + 1];
    for (std::size_t e = 0; e < next.size(); ++e) {
        const std::int64_t rows = (places.begin[e + 1] + multiple - 1) / multiple * multiple;
        next[e] = places.begin[e];
        places.begin[e + 1] = places.begin[e] + rows;
    }
    for (std::int64_t p = 0; p < pairs; ++p) {
        places.place[static_cast<std::size_t>(p)] = next[static_cast<std::size_t>(expert[p])]++;
    }
    return places;
}

at::Tensor spread_rows(const at::Tensor& x_in, const PairPlaces& places, at::ScalarType narrow,
                       const at::Tensor& weights) {
    const at::Tensor x = x_in.contiguous();
    const std::int64_t width = x.size(1);
    const std::int64_t top_k = places.top_k;
    at::Tensor result = at::zeros({places.rows(), width}, at::TensorOptions(narrow));
    with_type(x.scalar_type(), [&](auto in_type) {
        with_type(narrow, [&](auto out_type) {
            using In = decltype(in_type);
            using N = decltype(out_type);
            using W = Wide<N>;
            const In* from = x.const_data_ptr<In>();
            N* to = result.mutable_data_ptr<N>();
            const W* scale = weights.defined() ? weights.const_data_ptr<W>() : nullptr;
            const std::int64_t* place = places.place.data();
            for_rows(x.size(0) * top_k, [=](std::int64_t pair) {
                const In* row = from + pair / top_k * width;
                N* out = to + place[pair] * width;
                const W weight = scale == nullptr ? W{1} : scale[pair];
                for (std::int64_t i = 0; i < width; ++i) {
                    out[i] = static_cast<N>(static_cast<W>(row[i]) * weight);
                }
            });
        });
    });
    return result;
}

at::Tensor collect_rows(const at::Tensor& y_in, const PairPlaces& places, at::ScalarType out_type,
                        const at::Tensor& weights) {
    const at::Tensor y = y_in.contiguous();
    const std::int64_t width = y.size(1);
    const std::int64_t top_k = places.top_k;
    at::Tensor result = make({places.tokens(), width}, out_type);
    with_type(y.scalar_type(), [&](auto in) {
        with_type(out_type, [&](auto out) {
            using N = decltype(in);
            using Out = decltype(out);
            using W = Wide<N>;
            const N* from = y.const_data_ptr<N>();
            Out* to = result.mutable_data_ptr<Out>();
            const W* scale = weights.defined() ? weights.const_data_ptr<W>() : nullptr;
            const std::int64_t* place = places.place.data();
            at::parallel_for(0, result.size(0), kRowsAtOnce, [=](auto begin, auto end) {
                std::vector<W> sum(static_cast<std::size_t>(width));
                for (std::int64_t token = begin; token < end; ++token) {
                    std::fill(sum.begin(), sum.end(), W{0});
                    for (std::int64_t pair = token * top_k; pair < (token + 1) * top_k; ++pair) {
                        const N* row = from + place[pair] * width;
                        const W weight = scale == nullptr ? W{1} : scale[pair];
                        for (std::int64_t i = 0; i < width; ++i) {
                            sum[static_cast<std::size_t>(i)] += static_cast<W>(row[i]) * weight;
                        }
                    }
                    for (std::int64_t i = 0; i < width; ++i) {
                        to[token * width + i] = static_cast<Out>(sum[static_cast<std::size_t>(i)]);
                    }
                }
            });
        });
    });
    return result;
}

at::Tensor dot_rows(const at::Tensor& a_in, const at::Tensor& y_in, const PairPlaces& places) {
    const at::Tensor a = a_in.contiguous();
    const at::Tensor y = y_in.contiguous();
    const std::int64_t width = a.size(1);
    const std::int64_t top_k = places.top_k;
    at::Tensor result = make({a.size(0), top_k}, wide_type(y.scalar_type()));
    with_type(a.scalar_type(), [&](auto left) {
        with_type(y.scalar_type(), [&](auto right) {
            using A = decltype(left);
            using N = decltype(right);
            using W = Wide<N>;
            const A* rows = a.const_data_ptr<A>();
            const N* others = y.const_data_ptr<N>();
            W* out = result.mutable_data_ptr<W>();
            const std::int64_t* place = places.place.data();
            for_rows(a.size(0) * top_k, [=](std::int64_t pair) {
                const A* x = rows + pair / top_k * width;
                const N* z = others + place[pair] * width;
                W sum = 0;
#pragma omp simd reduction(+ : sum)
                for (std::int64_t i = 0; i < width; ++i) {
                    sum += static_cast<W>(x[i]) * static_cast<W>(z[i]);
                }
                out[pair] = sum;
            });
        });
    });
    return result;
}

}  // namespace alluvium

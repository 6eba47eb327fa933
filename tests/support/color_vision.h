#pragma once
// Colours as people with one cone type missing see them: Machado, Oliveira, Fernandes 2009,
// severity 1.0, applied to linear sRGB.
#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/figures/figure.h"

namespace alluvium::test {

using VisionMatrix = std::array<std::array<double, 3>, 3>;

inline constexpr VisionMatrix kNormal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
inline constexpr VisionMatrix kProtan{{{0.152286, 1.052583, -0.204868},
                                       {0.114503, 0.786281, 0.099216},
                                       {-0.003882, -0.048116, 1.051998}}};
inline constexpr VisionMatrix kDeutan{{{0.367322, 0.860646, -0.227968},
                                       {0.280085, 0.672501, 0.047413},
                                       {-0.011820, 0.042940, 0.968881}}};
inline constexpr VisionMatrix kTritan{{{1.255528, -0.076749, -0.178779},
                                       {-0.078411, 0.930809, 0.147602},
                                       {0.004733, 0.691367, 0.303900}}};

inline Color seen_as(Color color, const VisionMatrix& vision) {
    const auto linear = [](double c) {
        c /= 255;
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    const auto encoded = [](double c) {
        c = std::clamp(c, 0.0, 1.0);
        c = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
        return static_cast<std::uint8_t>(std::lround(255 * c));
    };
    const std::array<double, 3> rgb{linear(color.r), linear(color.g), linear(color.b)};
    std::array<double, 3> out{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) out[i] += vision[i][j] * rgb[j];
    return {encoded(out[0]), encoded(out[1]), encoded(out[2])};
}

}  // namespace alluvium::test

#pragma once
// The colour maps and the palette of every figure. Looks: docs/guide; tested for evenness, for
// contrast of text and for protan, deutan and tritan vision in
// tests/analysis/figure_colors_test.cpp.
#include <array>
#include <cstddef>
#include <span>

#include "analysis/figures/figure.h"

namespace alluvium {

// A ramp of 256 colours, evenly spaced in CIEDE2000.
class ColorMap {
  public:
    // Through these colours in order; at least two.
    explicit ColorMap(std::span<const Color> anchors);
    // Two even arms that meet at the middle of `anchors` (an odd number of them).
    static ColorMap diverging(std::span<const Color> anchors);

    Color at(double t) const;  // t clamped to 0..1

  private:
    ColorMap() = default;
    std::array<Color, 256> colors_{};
};

// The scale of expert maps ends at an eighth of chance and at eight times chance.
inline constexpr double kRatioLimit = 3;

// log2(share / chance), clamped to +-kRatioLimit: blue below chance, neutral at chance, orange to
// rust above. NaN: the theme's colour for missing values.
Color ratio_color(double log2_ratio, const Theme& theme);

// An expert that nobody chose: beyond the scale's blue end, so that it looks neither rarely chosen
// nor missing.
Color never_chosen_color(const Theme& theme);

// A plain share 0..1: sequential.
Color share_color(double share, const Theme& theme);

// A difference in -limit..limit: blue, white, orange.
Color difference_color(double difference, double limit, const Theme& theme);

// What is shared by all groups, or is not singled out.
Color neutral_color(const Theme& theme);

inline constexpr std::size_t kMaxSelected = 5;

// Colours for at most five selected languages; every pair differs by at least 20 in CIEDE2000,
// also under protan, deutan and tritan vision, and each by 3 : 1 from the background.
std::span<const Color, kMaxSelected> selection_palette(const Theme& theme);

}  // namespace alluvium

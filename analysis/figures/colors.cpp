#include "analysis/figures/colors.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "analysis/figures/color_space.h"

namespace alluvium {
namespace {

constexpr Color hex(std::uint32_t rgb) {
    return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8 & 0xff),
            static_cast<std::uint8_t>(rgb & 0xff)};
}

Lab mix(Lab x, Lab y, double t) {
    return {x.L + (y.L - x.L) * t, x.a + (y.a - x.a) * t, x.b + (y.b - x.b) * t};
}

// The path through the anchors, [steps + 1] colours equally spaced in Lab along each leg.
std::vector<Lab> fine_path(std::span<const Color> anchors) {
    constexpr int kStepsPerLeg = 256;
    std::vector<Lab> path{to_lab(anchors.front())};
    for (std::size_t leg = 0; leg + 1 < anchors.size(); ++leg) {
        const Lab from = to_lab(anchors[leg]), to = to_lab(anchors[leg + 1]);
        for (int i = 1; i <= kStepsPerLeg; ++i)
            path.push_back(mix(from, to, static_cast<double>(i) / kStepsPerLeg));
    }
    return path;
}

// Fills `out` from the first anchor to the last in steps of equal colour difference.
void fill_evenly(std::span<const Color> anchors, std::span<Color> out) {
    const std::vector<Lab> path = fine_path(anchors);
    std::vector<double> length(path.size(), 0.0);
    for (std::size_t i = 1; i < path.size(); ++i)
        length[i] = length[i - 1] + color_difference(path[i - 1], path[i]);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double want = length.back() * static_cast<double>(i) / (out.size() - 1);
        const auto after = std::lower_bound(length.begin(), length.end(), want);
        const auto at = std::min<std::size_t>(after - length.begin(), path.size() - 1);
        out[i] = from_lab(path[at]);
    }
}

const ColorMap& ratio_map(bool dark) {
    static constexpr std::array kLight{hex(0x1f4e86), hex(0x6d9bc6), hex(0xf6f5f2), hex(0xf2a356),
                                       hex(0x8f2f0a)};
    static constexpr std::array kDark{hex(0x8fc1ff), hex(0x3d6fa8), hex(0x262a31), hex(0xb4611f),
                                      hex(0xffd08a)};
    static const ColorMap light = ColorMap::diverging(kLight);
    static const ColorMap night = ColorMap::diverging(kDark);
    return dark ? night : light;
}

const ColorMap& difference_map(bool dark) {
    static constexpr std::array kLight{hex(0x0b5fa5), hex(0xffffff), hex(0xc25400)};
    static constexpr std::array kDark{hex(0x6cb0ff), hex(0x20242b), hex(0xff9c4a)};
    static const ColorMap light = ColorMap::diverging(kLight);
    static const ColorMap night = ColorMap::diverging(kDark);
    return dark ? night : light;
}

const ColorMap& share_map(bool dark) {
    static constexpr std::array kLight{hex(0xf7f8f5), hex(0x86c5bf), hex(0x2f7ba3), hex(0x1b2a5e)};
    static constexpr std::array kDark{hex(0x20242b), hex(0x225b80), hex(0x45ab9f), hex(0xf0f4c3)};
    static const ColorMap light{kLight};
    static const ColorMap night{kDark};
    return dark ? night : light;
}

}  // namespace

ColorMap::ColorMap(std::span<const Color> anchors) {
    assert(anchors.size() >= 2);
    fill_evenly(anchors, colors_);
}

ColorMap ColorMap::diverging(std::span<const Color> anchors) {
    assert(anchors.size() % 2 == 1 && anchors.size() >= 3);
    const std::size_t middle = anchors.size() / 2;
    ColorMap map;
    const std::span<Color> all(map.colors_);
    fill_evenly(anchors.first(middle + 1), all.first(all.size() / 2));
    fill_evenly(anchors.subspan(middle), all.last(all.size() / 2));
    return map;
}

Color ColorMap::at(double t) const {
    const double place = std::clamp(t, 0.0, 1.0) * (colors_.size() - 1);
    return colors_[static_cast<std::size_t>(std::lround(place))];
}

Color ratio_color(double log2_ratio, const Theme& theme) {
    if (std::isnan(log2_ratio)) return theme.missing;
    return ratio_map(theme.dark).at((log2_ratio + kRatioLimit) / (2 * kRatioLimit));
}

Color never_chosen_color(const Theme& theme) {
    return hex(theme.dark ? 0xe9f3ff : 0x0d1f3c);
}

Color share_color(double share, const Theme& theme) {
    if (std::isnan(share)) return theme.missing;
    return share_map(theme.dark).at(share);
}

Color difference_color(double difference, double limit, const Theme& theme) {
    if (std::isnan(difference)) return theme.missing;
    return difference_map(theme.dark).at(0.5 + 0.5 * difference / limit);
}

Color neutral_color(const Theme& theme) {
    return hex(theme.dark ? 0x6b7686 : 0x9aa3b1);
}

std::span<const Color, kMaxSelected> selection_palette(const Theme& theme) {
    static constexpr std::array<Color, kMaxSelected> kLight{
        hex(0x134faf), hex(0xcb5e05), hex(0x10a781), hex(0xb080dc), hex(0x791e39)};
    static constexpr std::array<Color, kMaxSelected> kDark{
        hex(0xcbb6fd), hex(0xcb6023), hex(0x1fecc3), hex(0x9167c0), hex(0xf9c205)};
    return theme.dark ? kDark : kLight;
}

}  // namespace alluvium

#pragma once
// Colours and spacing of the window, from the same theme that figures are drawn with.
#include "analysis/figures/figure.h"

namespace alluvium {

// Height of a line of text in pixels at scale 1; the two other sizes are relative to it.
inline constexpr float kTextSize = 18;
inline constexpr float kSmallText = 0.875F;
inline constexpr float kLargeText = 1.25F;
// How large a figure's point is on the screen at scale 1, in pixels.
inline constexpr float kPixelsPerPoint = 1.35F;

inline Theme screen_theme(bool dark) {
    return dark ? dark_theme() : light_theme();
}

// Sets the current context's style.
void apply_style(bool dark, float scale);

}  // namespace alluvium

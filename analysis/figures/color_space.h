#pragma once
// Colour as the eye has it: what colour maps and palettes are computed and tested with.
#include "analysis/figures/figure.h"

namespace alluvium {

// CIE 1976 L*a*b* under D65. L: 0 black .. 100 white.
struct Lab {
    double L = 0, a = 0, b = 0;
};

Lab to_lab(Color color);

// The nearest sRGB colour of the same lightness and hue: chroma shrinks until it can be shown.
Color from_lab(Lab lab);

// From lightness, chroma and hue (degrees).
Color from_lch(double lightness, double chroma, double hue_degrees);

// CIEDE2000 with kL = kC = kH = 1 (Sharma, Wu, Dalal 2005). 1 is about the smallest difference
// that can be seen side by side; 20 is told apart at a glance.
double color_difference(Lab x, Lab y);

// WCAG 2.1 relative luminance, 0..1; alpha is ignored.
double relative_luminance(Color color);

// WCAG 2.1 contrast, 1..21.
double contrast_ratio(Color x, Color y);

// `top` with its alpha over the opaque `below`.
Color composite(Color top, Color below);

// Black or white, whichever reads better on `fill`: at least 4.5 : 1 on any colour.
Color text_on(Color fill);

// `color`, made darker or lighter just as far as text on `background` needs (4.5 : 1).
Color readable_on(Color color, Color background);

}  // namespace alluvium

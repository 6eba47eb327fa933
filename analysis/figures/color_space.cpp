#include "analysis/figures/color_space.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace alluvium {
namespace {

using Triple = std::array<double, 3>;

// IEC 61966-2-1 (sRGB).
double to_linear(double encoded) {
    return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

double to_encoded(double linear) {
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

Triple linear_rgb(Color c) {
    return {to_linear(c.r / 255.0), to_linear(c.g / 255.0), to_linear(c.b / 255.0)};
}

// D65 white is the image of (1, 1, 1), so greys are exactly neutral.
constexpr Triple kWhite{0.95047, 1.0, 1.08883};

Triple to_xyz(const Triple& rgb) {
    return {0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2],
            0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2],
            0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]};
}

Triple from_xyz(const Triple& xyz) {
    return {3.2404542 * xyz[0] - 1.5371385 * xyz[1] - 0.4985314 * xyz[2],
            -0.9692660 * xyz[0] + 1.8760108 * xyz[1] + 0.0415560 * xyz[2],
            0.0556434 * xyz[0] - 0.2040259 * xyz[1] + 1.0572252 * xyz[2]};
}

constexpr double kKnee = 6.0 / 29.0;

double compress(double t) {
    return t > kKnee * kKnee * kKnee ? std::cbrt(t) : t / (3 * kKnee * kKnee) + 4.0 / 29.0;
}

double expand(double f) {
    return f > kKnee ? f * f * f : 3 * kKnee * kKnee * (f - 4.0 / 29.0);
}

Triple unclipped_rgb(Lab lab) {
    const double fy = (lab.L + 16) / 116;
    return from_xyz({kWhite[0] * expand(fy + lab.a / 500), kWhite[1] * expand(fy),
                     kWhite[2] * expand(fy - lab.b / 200)});
}

bool can_be_shown(const Triple& rgb) {
    constexpr double kSlack = 1e-4;  // less than half a step of 8 bits
    return std::all_of(rgb.begin(), rgb.end(),
                       [](double c) { return c >= -kSlack && c <= 1 + kSlack; });
}

std::uint8_t to_byte(double linear) {
    return static_cast<std::uint8_t>(std::lround(255 * to_encoded(std::clamp(linear, 0.0, 1.0))));
}

double degrees(double radians) {
    return radians * 180 / std::numbers::pi;
}
double radians(double degrees) {
    return degrees * std::numbers::pi / 180;
}

double hue_of(double a, double b) {
    if (a == 0 && b == 0) return 0;
    const double h = degrees(std::atan2(b, a));
    return h < 0 ? h + 360 : h;
}

}  // namespace

Lab to_lab(Color color) {
    const Triple xyz = to_xyz(linear_rgb(color));
    const double fx = compress(xyz[0] / kWhite[0]);
    const double fy = compress(xyz[1] / kWhite[1]);
    const double fz = compress(xyz[2] / kWhite[2]);
    return {116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

Color from_lab(Lab lab) {
    Triple rgb = unclipped_rgb(lab);
    if (!can_be_shown(rgb)) {
        double shown = 0, hidden = 1;  // shares of the chroma
        for (int i = 0; i < 20; ++i) {
            const double middle = (shown + hidden) / 2;
            const bool fits = can_be_shown(unclipped_rgb({lab.L, lab.a * middle, lab.b * middle}));
            (fits ? shown : hidden) = middle;
        }
        rgb = unclipped_rgb({lab.L, lab.a * shown, lab.b * shown});
    }
    return {to_byte(rgb[0]), to_byte(rgb[1]), to_byte(rgb[2])};
}

Color from_lch(double lightness, double chroma, double hue_degrees) {
    const double h = radians(hue_degrees);
    return from_lab({lightness, chroma * std::cos(h), chroma * std::sin(h)});
}

double color_difference(Lab x, Lab y) {
    const auto pow7 = [](double c) { return c * c * c * c * c * c * c; };
    constexpr double k25to7 = 6103515625.0;
    const double mean_chroma = (std::hypot(x.a, x.b) + std::hypot(y.a, y.b)) / 2;
    const double g = 0.5 * (1 - std::sqrt(pow7(mean_chroma) / (pow7(mean_chroma) + k25to7)));
    const double a1 = x.a * (1 + g), a2 = y.a * (1 + g);
    const double c1 = std::hypot(a1, x.b), c2 = std::hypot(a2, y.b);
    const double h1 = hue_of(a1, x.b), h2 = hue_of(a2, y.b);

    const bool has_hue = c1 * c2 != 0;
    double dh = has_hue ? h2 - h1 : 0;
    if (dh > 180) dh -= 360;
    if (dh < -180) dh += 360;
    const double dL = y.L - x.L;
    const double dC = c2 - c1;
    const double dH = 2 * std::sqrt(c1 * c2) * std::sin(radians(dh / 2));

    const double L = (x.L + y.L) / 2;
    const double C = (c1 + c2) / 2;
    double h = h1 + h2;
    if (has_hue) {
        if (std::abs(h1 - h2) > 180) h += h < 360 ? 360 : -360;
        h /= 2;
    }
    const double t = 1 - 0.17 * std::cos(radians(h - 30)) + 0.24 * std::cos(radians(2 * h)) +
                     0.32 * std::cos(radians(3 * h + 6)) - 0.20 * std::cos(radians(4 * h - 63));
    const double turn = 30 * std::exp(-((h - 275) / 25) * ((h - 275) / 25));
    const double rc = 2 * std::sqrt(pow7(C) / (pow7(C) + k25to7));
    const double sL = 1 + 0.015 * (L - 50) * (L - 50) / std::sqrt(20 + (L - 50) * (L - 50));
    const double sC = 1 + 0.045 * C;
    const double sH = 1 + 0.015 * C * t;
    const double rT = -std::sin(radians(2 * turn)) * rc;
    const double l = dL / sL, c = dC / sC, hh = dH / sH;
    return std::sqrt(std::max(0.0, l * l + c * c + hh * hh + rT * c * hh));
}

double relative_luminance(Color color) {
    const Triple rgb = linear_rgb(color);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

double contrast_ratio(Color x, Color y) {
    const double a = relative_luminance(x), b = relative_luminance(y);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Color composite(Color top, Color below) {
    const double alpha = top.a / 255.0;
    const auto mix = [&](std::uint8_t over, std::uint8_t under) {
        return static_cast<std::uint8_t>(std::lround(alpha * over + (1 - alpha) * under));
    };
    return {mix(top.r, below.r), mix(top.g, below.g), mix(top.b, below.b)};
}

Color text_on(Color fill) {
    const Color black{0, 0, 0}, white{255, 255, 255};
    return contrast_ratio(black, fill) >= contrast_ratio(white, fill) ? black : white;
}

Color readable_on(Color color, Color background) {
    constexpr double kTextContrast = 4.5;
    const double step = text_on(background) == Color{0, 0, 0} ? -1 : 1;
    Lab lab = to_lab(color);
    while (contrast_ratio(color, background) < kTextContrast && lab.L > 0 && lab.L < 100) {
        lab.L = std::clamp(lab.L + step, 0.0, 100.0);
        color = from_lab(lab);
    }
    return color;
}

}  // namespace alluvium

#pragma once
// Text as Pango shapes it: right to left, Indic, CJK in the forms of its language. What Dear ImGui
// cannot shape is drawn into images here. Every function may be called from any thread.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium {

// Measures as the painters paint, in points.
TextMeter pango_meter();

// A paragraph. Malformed UTF-8 and NUL are shown as '?', byte for byte, so that offsets hold.
struct TextBlock {
    std::string text;
    TextStyle style;   // size in pixels of the image, or in points of the figure
    double width = 0;  // wraps at this width; 0: one line, in which a line break is shown as a sign
};

// Rows from top to bottom, 4 bytes a pixel: red, green, blue, alpha; colours not multiplied by
// alpha.
struct RgbaImage {
    int width = 0, height = 0;
    std::vector<std::uint8_t> pixels;
};

struct TextImage {
    RgbaImage image;
    // Where the block's top left corner lies in the image: marks may stick out of the line box.
    // Rectangles of byte_range_rects() are relative to this point.
    Point origin;
};

TextImage rasterize_text(const TextBlock& block, Color color);

// Bytes [begin, end) of a text.
struct ByteRange {
    std::size_t begin = 0, end = 0;
};

// Where each range (a token, as a rule) lies, relative to the block's top left corner: one
// rectangle per line and direction it runs in, in reading order; empty for a range without ink or
// space of its own.
//
// The unit that Pango places is a cluster: a character with its marks, or a ligature. A cluster
// that several ranges touch is cut into upright slices in reading order, each as wide as the share
// of the cluster's bytes that fall to its range; bytes that several ranges claim (a byte-level
// token holds part of a character, and then covers all of it) are divided equally among them. So
// every range that has a byte in a visible cluster can be seen and pointed at, and no place belongs
// to two.
std::vector<std::vector<Rect>> byte_range_rects(const TextBlock& block,
                                                std::span<const ByteRange> ranges);

// Which fonts a text is drawn with, and how many of its characters have no glyph in any of them.
struct FontCheck {
    std::vector<std::string> families;  // sorted
    std::size_t missing_glyphs = 0;
};
FontCheck check_fonts(const TextBlock& block);

}  // namespace alluvium

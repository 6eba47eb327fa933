#pragma once
// What every figure is laid out with: three sizes of type, a margin, headings, paragraphs and
// labels that keep out of each other's way.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium {

// Points. Values inside cells are fitted to the cell; everything else has one of these sizes.
inline constexpr double kTitleSize = 15;
inline constexpr double kBodySize = 10;
inline constexpr double kSmallSize = 8;
inline constexpr double kMargin = 20;
// From baseline to baseline, in sizes.
inline constexpr double kLeading = 1.36;

// A double column of a journal, at 5 points for the smallest type, when printed 183 mm wide.
inline constexpr double kPageWidth = 840;

inline TextStyle body_style(bool bold = false) {
    return {kBodySize, bold, false, {}};
}
inline TextStyle small_style() {
    return {kSmallSize, false, true, {}};
}

// Lines that fit `width`; a word that is wider alone is cut between characters.
std::vector<std::string> wrap_text(std::string_view text, const TextStyle& style, double width,
                                   const TextMeter& meter);

// The text, cut and ended in an ellipsis where it is wider than `width`.
std::string shortened(std::string_view text, const TextStyle& style, double width,
                      const TextMeter& meter);

// Centres of boxes stacked in the given order, moved as little as possible (least squares) from
// where they are wanted so that none overlap and all lie in low..high. Boxes that together are
// higher than that overlap evenly.
std::vector<double> spread_boxes(std::span<const double> wanted, std::span<const double> heights,
                                 double low, double high);

// The same for labels of one height, stacked in the order of where they are wanted; results are in
// the order of `wanted`.
std::vector<double> spread_labels(std::span<const double> wanted, double height, double low,
                                  double high);

class Page {
  public:
    Page(std::string name, double width, const Theme& theme, TextMeter meter);

    const Theme& theme() const { return theme_; }
    const TextMeter& meter() const { return meter_; }
    double width() const { return figure_.width; }
    double width_of(std::string_view text, const TextStyle& style) const {
        return meter_(text, style).width;
    }

    int datum(Datum datum);  // its index
    void add(Shape shape, int datum = -1);

    struct Label {
        Point at;
        HAlign h = HAlign::left;
        VAlign v = VAlign::middle;
    };
    void text(std::string_view text, const TextStyle& style, Color color, const Label& label);
    // From the top left corner down; returns the y below the last line.
    double paragraph(std::string_view text, const TextStyle& style, Color color, const Rect& into);
    // Title and subtitle at the top of the page; returns the y below them.
    double heading(std::string title, std::string subtitle);
    // Names the figure without drawing the heading: for a window that shows them elsewhere.
    void entitle(std::string title, std::string subtitle);

    // Marks of another page of the same theme, moved by (dx, dy).
    void insert(Page&& other, double dx, double dy);

    Figure finish(double height) &&;

  private:
    Figure figure_;
    Theme theme_;
    TextMeter meter_;
};

// A piece of a figure, laid out apart and then put where there is room.
struct Block {
    Page page;
    double height = 0;
};

}  // namespace alluvium

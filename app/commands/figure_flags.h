#pragma once
// Options of commands that draw: where to, and how.
#include <string>

#include <CLI/CLI.hpp>

#include "app/painters/cairo_painter.h"

namespace alluvium {

class FigureFlags {
  public:
    // A picture is `required` of commands that do nothing but draw.
    void add_to(CLI::App& command, bool required = false);

    // Before long work. UserError where the picture's ending is unknown.
    void check() const;
    bool given() const { return !output_.empty() || !data_.empty(); }

    const std::string& output() const { return output_; }
    double width() const { return width_; }  // points; 0: the figure's own
    Theme theme() const { return dark_ ? dark_theme() : light_theme(); }

    // The picture and its numbers, whichever were asked for.
    void save(const Figure& figure) const;

  private:
    std::string output_, data_;
    bool dark_ = false;
    double width_ = 0;
    double scale_ = kPngScale;
};

}  // namespace alluvium

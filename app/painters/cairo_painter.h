#pragma once
// Figures on paper. Text in PDF is text with its fonts inside, so it can be searched and copied;
// text in SVG is drawn as outlines with the words beside them for screen readers, because an SVG
// cannot carry its fonts and other machines would choose others.
#include <filesystem>
#include <string>

#include "analysis/figures/figure.h"
#include "app/painters/text.h"

namespace alluvium {

// 288 pixels per inch: sharp on dense screens, and in print at half the size.
inline constexpr double kPngScale = 4;

std::string figure_svg(const Figure& figure);
std::string figure_pdf(const Figure& figure);
std::string figure_png(const Figure& figure, double scale = kPngScale);  // pixels per point

// `scale` pixels per point.
RgbaImage paint_figure(const Figure& figure, double scale);

// By the file's ending: svg, pdf or png. The file appears whole or not at all. UserError on any
// other ending or a folder that is not there, RunError where writing fails.
void save_figure(const Figure& figure, const std::filesystem::path& path,
                 double png_scale = kPngScale);

// UserError unless save_figure() knows the ending: to be asked before long work.
void check_figure_path(const std::filesystem::path& path);

}  // namespace alluvium

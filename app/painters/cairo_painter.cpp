#include "app/painters/cairo_painter.h"

#include <cmath>

#include <cairo-pdf.h>

#include "app/painters/image_surface.h"
#include "app/painters/shape_painter.h"
#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

int pixels(double points, double scale) {
    return static_cast<int>(std::lround(std::ceil(points * scale)));
}

void paint_scaled(const Figure& figure, double scale, const ImageSurface& surface) {
    cairo_scale(surface.cr(), scale, scale);
    paint_shapes(figure, surface.cr());
}

std::string ending(const std::filesystem::path& path) {
    std::string text = path.extension().string();
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

std::string figure_pdf(const Figure& figure) {
    std::string out;
    cairo_surface_t* surface =
        cairo_pdf_surface_create_for_stream(append_to_string, &out, figure.width, figure.height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, figure.title.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, figure.subtitle.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR,
                                   "alluvium " ALLUVIUM_VERSION);
    cairo_t* cr = cairo_create(surface);
    paint_shapes(figure, cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    const cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        throw RunError(std::string("the PDF cannot be made: ") + cairo_status_to_string(status));
    return out;
}

std::string figure_png(const Figure& figure, double scale) {
    const ImageSurface surface(pixels(figure.width, scale), pixels(figure.height, scale));
    paint_scaled(figure, scale, surface);
    return surface.png();
}

RgbaImage paint_figure(const Figure& figure, double scale) {
    const ImageSurface surface(pixels(figure.width, scale), pixels(figure.height, scale));
    paint_scaled(figure, scale, surface);
    return surface.image();
}

void check_figure_path(const std::filesystem::path& path) {
    const std::string kind = ending(path);
    if (kind != ".svg" && kind != ".pdf" && kind != ".png")
        throw UserError("'" + path.string() + "' does not end in .svg, .pdf or .png",
                        "the ending decides how the figure is written");
}

void save_figure(const Figure& figure, const std::filesystem::path& path, double png_scale) {
    check_figure_path(path);
    const std::string kind = ending(path);
    write_file_atomically(path, kind == ".svg"   ? figure_svg(figure)
                                : kind == ".pdf" ? figure_pdf(figure)
                                                 : figure_png(figure, png_scale));
}

}  // namespace alluvium

#include "app/painters/png_file.h"

#include <cstdint>
#include <vector>

#include <cairo.h>

#include "base/error.h"

namespace alluvium {

void save_png(const RgbaImage& image, const std::filesystem::path& path) {
    const int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, image.width);
    std::vector<unsigned char> rows(static_cast<std::size_t>(stride) *
                                    static_cast<std::size_t>(image.height));
    for (int y = 0; y < image.height; ++y) {
        auto* row =
            reinterpret_cast<std::uint32_t*>(rows.data() + static_cast<std::ptrdiff_t>(y) * stride);
        const std::uint8_t* from =
            image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width * 4;
        for (int x = 0; x < image.width; ++x, from += 4) {
            row[x] = static_cast<std::uint32_t>(from[0]) << 16 |
                     static_cast<std::uint32_t>(from[1]) << 8 | from[2];
        }
    }
    cairo_surface_t* surface = cairo_image_surface_create_for_data(
        rows.data(), CAIRO_FORMAT_RGB24, image.width, image.height, stride);
    const cairo_status_t status = cairo_surface_write_to_png(surface, path.c_str());
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        throw RunError(path.string() + ": " + cairo_status_to_string(status));
    }
}

}  // namespace alluvium

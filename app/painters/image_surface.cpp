#include "app/painters/image_surface.h"

#include <cstring>

#include "base/error.h"

namespace alluvium {
namespace {

std::uint8_t straight(std::uint32_t channel, std::uint32_t alpha) {
    return alpha == 0 ? 0 : static_cast<std::uint8_t>((channel * 255 + alpha / 2) / alpha);
}

}  // namespace

ImageSurface::ImageSurface(int width, int height)
    : surface_(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height)),
      cr_(cairo_create(surface_)) {
    if (cairo_status(cr_) != CAIRO_STATUS_SUCCESS) {
        const std::string reason = cairo_status_to_string(cairo_status(cr_));
        cairo_destroy(cr_);
        cairo_surface_destroy(surface_);
        throw RunError("an image of " + std::to_string(width) + " x " + std::to_string(height) +
                       " pixels cannot be made: " + reason);
    }
}

ImageSurface::~ImageSurface() {
    cairo_destroy(cr_);
    cairo_surface_destroy(surface_);
}

RgbaImage ImageSurface::image() const {
    cairo_surface_flush(surface_);
    RgbaImage out{
        cairo_image_surface_get_width(surface_), cairo_image_surface_get_height(surface_), {}};
    const unsigned char* data = cairo_image_surface_get_data(surface_);
    const int stride = cairo_image_surface_get_stride(surface_);
    out.pixels.reserve(static_cast<std::size_t>(out.width) * out.height * 4);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            std::uint32_t pixel = 0;  // alpha, red, green, blue from the top byte down
            std::memcpy(&pixel, data + static_cast<std::ptrdiff_t>(y) * stride + 4 * x, 4);
            const std::uint32_t alpha = pixel >> 24;
            for (const int shift : {16, 8, 0})
                out.pixels.push_back(straight(pixel >> shift & 0xff, alpha));
            out.pixels.push_back(static_cast<std::uint8_t>(alpha));
        }
    }
    return out;
}

std::string ImageSurface::png() const {
    std::string out;
    const cairo_status_t status =
        cairo_surface_write_to_png_stream(surface_, append_to_string, &out);
    if (status != CAIRO_STATUS_SUCCESS)
        throw RunError(std::string("the PNG cannot be made: ") + cairo_status_to_string(status));
    return out;
}

cairo_status_t append_to_string(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace alluvium

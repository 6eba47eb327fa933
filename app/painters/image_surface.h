#pragma once
// Pixels for Cairo to draw on; private to the painters.
#include <cstdint>
#include <vector>

#include <cairo.h>

#include "app/painters/text.h"

namespace alluvium {

// Transparent at first. RunError where an image of that size cannot be had.
class ImageSurface {
  public:
    ImageSurface(int width, int height);
    ImageSurface(const ImageSurface&) = delete;
    ImageSurface& operator=(const ImageSurface&) = delete;
    ~ImageSurface();

    cairo_t* cr() const { return cr_; }
    RgbaImage image() const;
    std::string png() const;

  private:
    cairo_surface_t* surface_ = nullptr;
    cairo_t* cr_ = nullptr;
};

// Collects what Cairo writes; `closure` is a std::string.
cairo_status_t append_to_string(void* closure, const unsigned char* data, unsigned int length);

}  // namespace alluvium

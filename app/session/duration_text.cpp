#include "app/session/duration_text.h"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace alluvium {

std::string duration_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return "unknown";
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    char text[48];
    if (whole < 60) {
        std::snprintf(text, sizeof text, "%d s", static_cast<int>(whole));
    } else if (whole < 3600) {
        std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(whole / 60),
                      static_cast<int>(whole % 60));
    } else {
        std::snprintf(text, sizeof text, "%d h %02d min", static_cast<int>(whole / 3600),
                      static_cast<int>(whole / 60 % 60));
    }
    return text;
}

}  // namespace alluvium

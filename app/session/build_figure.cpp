#include <sstream>

#include "app/session/figure_request.h"

namespace alluvium {

std::string to_string(FigureKind kind) {
    switch (kind) {
        case FigureKind::heatmap:
            return "heatmap";
        case FigureKind::divergence:
            return "divergence";
        case FigureKind::circuit:
            return "circuit";
    }
    return {};
}

std::string request_key(const FigureRequest& request) {
    std::ostringstream key;
    key << to_string(request.kind) << ' ' << request.width << 'x' << request.height
        << (request.dark ? " dark" : " light")
        << (request.measure == Measure::share ? " share" : " relative") << " groups=";
    for (const std::string& group : request.groups) key << group << ',';
    return key.str();
}

}  // namespace alluvium

#include "analysis/figures/axis.h"

#include <algorithm>
#include <cmath>

#include "analysis/number_text.h"

namespace alluvium {

Ticks round_ticks(double low, double high, std::size_t most) {
    if (!(high > low) || most == 0) return {{low}, 2};
    const double rough = (high - low) / static_cast<double>(most);
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        const double step = factor * decade;
        const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
        if (last - first + 1 > static_cast<double>(most)) continue;
        Ticks ticks;
        for (double i = first; i <= last; ++i) ticks.at.push_back(i * step);
        ticks.digits = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
        return ticks;
    }
    return {{low}, 2};
}

std::size_t label_step(std::span<const double> places, double width) {
    for (const std::size_t step : {1u, 2u, 4u, 5u, 8u, 10u, 20u, 40u, 50u}) {
        bool apart = true;
        for (std::size_t i = step; i < places.size() && apart; i += step)
            apart = places[i] - places[i - step] >= width;
        if (apart) return step;
    }
    return 100;
}

Ticks draw_value_axis(Page& page, const ValueScale& scale, std::size_t most) {
    const Theme& theme = page.theme();
    const Rect& plot = scale.plot;
    Ticks ticks = round_ticks(scale.low, scale.high, most);
    for (const double tick : ticks.at) {
        const double y = scale.y(tick);
        const bool zero = std::abs(tick) < 1e-12;
        page.add(LineShape{{{plot.x, y}, {plot.x + plot.width, y}},
                           zero ? theme.muted : theme.grid,
                           zero ? 0.75 : 0.5});
        page.text(fixed_text(tick, ticks.digits), small_style(), theme.muted,
                  {{plot.x - 6, y}, HAlign::right, VAlign::middle});
    }
    return ticks;
}

}  // namespace alluvium

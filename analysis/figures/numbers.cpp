#include "analysis/figures/numbers.h"

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr const char* kMissingWord = "missing";

}  // namespace

std::string number_text(double value) {
    if (!std::isfinite(value)) return kMissingWord;
    if (std::abs(value) >= 1000) {
        const auto whole = static_cast<std::uint64_t>(std::llround(std::abs(value)));
        return (value < 0 ? "-" : "") + thousands_text(whole);
    }
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g", value);
    return buffer;
}

std::string percent_text(double share) {
    if (!std::isfinite(share)) return kMissingWord;
    if (share > 0 && share < 0.005) return "<1%";
    if (share < 1 && share >= 0.995) return ">99%";
    return fixed_text(100 * share, 0) + "%";
}

std::string datum_text(const Datum& datum) {
    std::string out;
    const auto add = [&out](const std::string& part, const char* separator) {
        if (!out.empty()) out += separator;
        out += part;
    };
    if (datum.layer >= 0) add("layer " + std::to_string(datum.layer), ", ");
    if (datum.expert >= 0) add("expert " + std::to_string(datum.expert), ", ");
    if (datum.to_expert >= 0) out += " to " + std::to_string(datum.to_expert);
    if (!datum.group.empty()) add(datum.group, ", ");
    for (const Value& value : datum.values)
        add(value.name + ": " + (value.text.empty() ? number_text(value.number) : value.text),
            "\n");
    return out;
}

}  // namespace alluvium

#include "analysis/options.h"

#include <charconv>
#include <cmath>

#include "base/error.h"

namespace alluvium {
namespace {

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

// The shortest text that reads back as the same number.
std::string number_text(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

}  // namespace

Weighting parse_weighting(std::string_view text) {
    if (text == "count") return Weighting::count;
    if (text == "mass") return Weighting::mass;
    throw UserError("--weighting " + quoted(text) + " is unknown", "use count or mass");
}

FlowKind parse_flow(std::string_view text) {
    if (text == "mass") return FlowKind::mass;
    if (text == "top1") return FlowKind::top1;
    throw UserError("--flow " + quoted(text) + " is unknown", "use mass or top1");
}

KeepRule parse_keep_rule(std::string_view text) {
    const auto colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view number = colon == text.npos ? "" : text.substr(colon + 1);
    double amount = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), amount);
    const bool read = error == std::errc{} && end == number.data() + number.size();
    if (!read || !(amount > 0 && amount <= 1) || (kind != "mass" && kind != "ratio")) {
        throw UserError("circuit rule " + quoted(text) + " is not understood",
                        "use mass:P or ratio:P with 0 < P <= 1, for instance mass:0.5");
    }
    return {kind == "mass" ? KeepRule::Kind::mass : KeepRule::Kind::ratio, amount};
}

std::string to_string(Weighting weighting) {
    return weighting == Weighting::count ? "count" : "mass";
}

std::string to_string(FlowKind flow) {
    return flow == FlowKind::mass ? "mass" : "top1";
}

std::string to_string(const KeepRule& rule) {
    return (rule.kind == KeepRule::Kind::mass ? "mass:" : "ratio:") + number_text(rule.amount);
}

}  // namespace alluvium

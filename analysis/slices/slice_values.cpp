#include "analysis/slices/slice_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace alluvium {
namespace {

struct Range {
    double low = 0, high = 0;  // both belong to it
};

Range range_of(const Slice& slice, const SliceNode& comparison, const SliceValue& value) {
    const std::size_t dots = value.text.find("..");
    Range range;
    if (dots == std::string::npos) {
        range.low = range.high = number_in(value.text);
    } else {
        range = {number_in(value.text.substr(0, dots)), number_in(value.text.substr(dots + 2))};
    }
    if (!(range.low <= range.high)) {
        refuse_slice(
            slice, value.place, "'" + comparison.column + "' is a number",
            "compare it with a number or a range, for instance " + comparison.column + "=0..7");
    }
    return range;
}

}  // namespace

double number_in(const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool whole = error == std::errc{} && stop == end && std::isfinite(value);
    return whole ? value : std::numeric_limits<double>::quiet_NaN();
}

std::function<bool(double)> number_test(const Slice& slice, const SliceNode& comparison) {
    std::vector<Range> ranges;
    for (const SliceValue& value : comparison.values) {
        ranges.push_back(range_of(slice, comparison, value));
    }
    const Range first = ranges.front();
    switch (comparison.op) {
        case SliceOperator::less:
            return [first](double x) { return x < first.low; };
        case SliceOperator::at_most:
            return [first](double x) { return x <= first.high; };
        case SliceOperator::more:
            return [first](double x) { return x > first.high; };
        case SliceOperator::at_least:
            return [first](double x) { return x >= first.low; };
        case SliceOperator::unequal:
            return [first](double x) { return x < first.low || x > first.high; };
        case SliceOperator::equal:
            break;
    }
    return [ranges](double x) {
        return std::any_of(ranges.begin(), ranges.end(),
                           [x](const Range& r) { return x >= r.low && x <= r.high; });
    };
}

std::vector<std::size_t> chosen_words(const Slice& slice, const SliceNode& comparison,
                                      const std::vector<std::string>& names) {
    if (comparison.op != SliceOperator::equal && comparison.op != SliceOperator::unequal) {
        refuse_slice(slice, comparison.place, "'" + comparison.column + "' is not a number",
                     "use =, != or in");
    }
    std::vector<std::size_t> chosen;
    for (const SliceValue& value : comparison.values) {
        const auto at = std::find(names.begin(), names.end(), value.text);
        if (at == names.end()) {
            std::string known;
            for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
            refuse_slice(slice, value.place,
                         "'" + comparison.column + "' is never '" + value.text + "'",
                         "use one of " + known);
        }
        chosen.push_back(static_cast<std::size_t>(at - names.begin()));
    }
    return chosen;
}

std::array<bool, 2> wanted_flags(const Slice& slice, const SliceNode& comparison,
                                 const std::vector<std::string>& words) {
    std::array<bool, 2> wanted{};
    for (const std::size_t word : chosen_words(slice, comparison, words)) wanted[word % 2] = true;
    if (comparison.op == SliceOperator::unequal) wanted = {!wanted[0], !wanted[1]};
    return wanted;
}

}  // namespace alluvium

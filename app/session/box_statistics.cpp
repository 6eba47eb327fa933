#include "app/session/box_statistics.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace alluvium {
namespace {

void add(BoxStatistics& box, const Value& value) {
    if (!value.text.empty() || !std::isfinite(value.number)) return;
    auto found = std::ranges::find(box.values, value.name, &BoxValue::name);
    if (found == box.values.end()) {
        box.values.push_back({value.name, 0, 0, value.number, value.number, 0});
        found = box.values.end() - 1;
    }
    ++found->count;
    found->sum += value.number;
    found->low = std::min(found->low, value.number);
    found->high = std::max(found->high, value.number);
}

void add(BoxStatistics& box, const Datum& datum) {
    ++box.marks;
    if (datum.layer >= 0) box.layers.insert(datum.layer);
    if (datum.expert >= 0) box.experts.insert(datum.expert);
    if (!datum.group.empty()) box.groups.insert(datum.group);
    for (const Value& value : datum.values) add(box, value);
}

std::string listed(const std::set<int>& numbers) {
    std::string text;
    for (const int number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
}

}  // namespace

BoxStatistics box_statistics(const Figure& figure, const Rect& box, const TextMeter& meter) {
    BoxStatistics result;
    std::vector<bool> counted(figure.data.size());
    for (const Mark& mark : figure.marks) {
        if (mark.datum < 0 || counted[static_cast<std::size_t>(mark.datum)]) continue;
        const Rect around = bounds(mark.shape, meter);
        if (!box.contains({around.x + around.width / 2, around.y + around.height / 2})) continue;
        const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
        if (result.kind.empty()) result.kind = datum.kind;
        if (datum.kind != result.kind) continue;
        counted[static_cast<std::size_t>(mark.datum)] = true;
        add(result, datum);
    }
    for (BoxValue& value : result.values) value.mean = value.sum / static_cast<double>(value.count);
    return result;
}

std::string box_text(const BoxStatistics& box) {
    std::ostringstream out;
    out.precision(17);
    out << box.kind << "\t" << box.marks << "\nlayers\t" << listed(box.layers) << "\nexperts\t"
        << listed(box.experts) << "\ngroups\t";
    for (const std::string& group : box.groups) {
        out << (group == *box.groups.begin() ? "" : ",") << group;
    }
    out << "\nvalue\tcount\tmean\tlow\thigh\tsum\n";
    for (const BoxValue& value : box.values) {
        out << value.name << '\t' << value.count << '\t' << value.mean << '\t' << value.low << '\t'
            << value.high << '\t' << value.sum << '\n';
    }
    return out.str();
}

}  // namespace alluvium

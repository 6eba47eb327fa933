#include <charconv>
#include <cmath>
#include <unordered_map>

#include "analysis/figures/figure.h"

namespace alluvium {
namespace {

// RFC 4180: quoted where it holds a comma, a quote or a line break.
std::string field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

// The shortest digits that read back as the same double; nothing where missing.
std::string number(double value) {
    if (!std::isfinite(value)) return {};
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

std::string index(int value) {
    return value < 0 ? std::string() : std::to_string(value);
}

// The names of all values in the order in which they first come up, as columns.
std::vector<std::string> value_columns(const std::vector<Datum>& data,
                                       std::unordered_map<std::string, std::size_t>& place) {
    std::vector<std::string> names;
    for (const Datum& datum : data)
        for (const Value& value : datum.values)
            if (place.emplace(value.name, names.size()).second) names.push_back(value.name);
    return names;
}

}  // namespace

std::string figure_csv(const Figure& figure) {
    std::unordered_map<std::string, std::size_t> place;
    const std::vector<std::string> names = value_columns(figure.data, place);
    std::string out = "kind,layer,expert,to_expert,group";
    for (const std::string& name : names) out += ',' + field(name);
    out += "\r\n";
    for (const Datum& d : figure.data) {
        out += field(d.kind) + ',' + index(d.layer) + ',' + index(d.expert) + ',' +
               index(d.to_expert) + ',' + field(d.group);
        std::vector<std::string> row(names.size());
        for (const Value& v : d.values)
            row[place[v.name]] = v.text.empty() ? number(v.number) : field(v.text);
        for (const std::string& text : row) out += ',' + text;
        out += "\r\n";
    }
    return out;
}

}  // namespace alluvium

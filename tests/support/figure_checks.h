#pragma once
// What must hold for every figure, whatever it shows.
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium::test {

// A stand-in for fonts: every character 0.55 of the size wide, bold ones 0.6.
inline TextMeter plain_meter() {
    return [](std::string_view text, const TextStyle& style) {
        std::size_t characters = 0;
        for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        return Size{static_cast<double>(characters) * style.size * (style.bold ? 0.6 : 0.55),
                    1.36 * style.size};
    };
}

// Where the ink of a line may be: from the capitals' tops to the descenders.
inline Rect ink_box(const TextShape& text, const TextMeter& meter) {
    const Rect box = text_box(text, meter);
    const double base = baseline_y(text);
    return {box.x, base - 0.73 * text.style.size, box.width, 0.95 * text.style.size};
}

inline bool overlap(const Rect& a, const Rect& b) {
    constexpr double kTouching = 0.05;
    return a.x + kTouching < b.x + b.width && b.x + kTouching < a.x + a.width &&
           a.y + kTouching < b.y + b.height && b.y + kTouching < a.y + a.height;
}

// "text | text" for every pair of labels that run into each other.
inline std::vector<std::string> overlapping_labels(const Figure& figure, const TextMeter& meter) {
    std::vector<const TextShape*> texts;
    std::vector<Rect> boxes;
    for (const Mark& mark : figure.marks)
        if (const auto* text = std::get_if<TextShape>(&mark.shape)) {
            texts.push_back(text);
            boxes.push_back(ink_box(*text, meter));
        }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (std::size_t j = i + 1; j < texts.size(); ++j)
            if (overlap(boxes[i], boxes[j])) out.push_back(texts[i]->text + " | " + texts[j]->text);
    return out;
}

// What sticks out of the page or has no place at all, described.
inline std::vector<std::string> marks_outside(const Figure& figure, const TextMeter& meter) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < figure.marks.size(); ++i) {
        const Rect r = bounds(figure.marks[i].shape, meter);
        const bool finite = std::isfinite(r.x) && std::isfinite(r.y) && std::isfinite(r.width) &&
                            std::isfinite(r.height) && r.width >= 0 && r.height >= 0;
        constexpr double kSlack = 0.01;
        if (finite && r.x >= -kSlack && r.y >= -kSlack && r.x + r.width <= figure.width + kSlack &&
            r.y + r.height <= figure.height + kSlack)
            continue;
        const auto* text = std::get_if<TextShape>(&figure.marks[i].shape);
        out.push_back("mark " + std::to_string(i) + (text ? " '" + text->text + "'" : "") + " at " +
                      std::to_string(r.x) + ", " + std::to_string(r.y) + " size " +
                      std::to_string(r.width) + " x " + std::to_string(r.height));
    }
    return out;
}

inline bool has_text(const Figure& figure, std::string_view part) {
    for (const Mark& mark : figure.marks)
        if (const auto* text = std::get_if<TextShape>(&mark.shape))
            if (text->text.find(part) != std::string::npos) return true;
    return false;
}

inline const Value* value_of(const Datum& datum, std::string_view name) {
    for (const Value& value : datum.values)
        if (value.name == name) return &value;
    return nullptr;
}

// The first datum of that kind, layer, expert and group; nullptr where there is none.
inline const Datum* find_datum(const Figure& figure, std::string_view kind, int layer, int expert,
                               std::string_view group) {
    for (const Datum& d : figure.data)
        if (d.kind == kind && d.layer == layer && d.expert == expert && d.group == group) return &d;
    return nullptr;
}

}  // namespace alluvium::test

#include "analysis/figures/flow_figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "analysis/figures/colors.h"
#include "analysis/figures/page.h"

namespace alluvium {
namespace {

constexpr double kLeft = 46;                      // layer numbers
constexpr double kNarrowest = 64, kWidest = 150;  // from token to token
constexpr double kRow = kFlowRow;
constexpr double kAbove = 3.6 * kSmallSize;        // predictions, above the last layer
constexpr double kBoxWidth = 22, kBoxHeight = 13;  // of an expert
constexpr double kBoxGap = 3;
constexpr double kNode = 2.6;
constexpr double kMostWidth = 11;  // of a line that brings everything
constexpr std::size_t kHeadsNamed = 2;

std::string share_text(double share) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.2f", share);
    return text.data();
}

// As it was given: 0.025, not 0.03.
std::string threshold_text(double threshold) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%g", threshold);
    return text.data();
}

// Spaces and line ends would be invisible.
std::string visible(const std::string& token) {
    std::string text;
    for (const char c : token) {
        if (c == '\n')
            text += "\\n";
        else if (c == '\t')
            text += "\\t";
        else
            text += c;
    }
    if (text.starts_with(' ')) text = text.substr(1);
    return text.empty() ? "\u2423" : text;
}

std::string quoted(const std::string& token) {
    return "\u201c" + visible(token) + "\u201d";
}

bool is_box(const FlowEdge& edge) {
    return edge.kind == FlowPartKind::expert || edge.kind == FlowPartKind::shared_expert ||
           edge.kind == FlowPartKind::feed_forward;
}

std::string box_name(const FlowEdge& edge) {
    if (edge.kind == FlowPartKind::expert) return std::to_string(edge.expert);
    return edge.kind == FlowPartKind::shared_expert ? "shared" : "ffn";
}

class FlowPicture {
  public:
    FlowPicture(const InformationFlow& flow, const FlowFigureOptions& options, const Theme& theme,
                const TextMeter& meter)
        : flow_(flow),
          options_(options),
          theme_(theme),
          columns_(columns_of(flow)),
          page_("flow", page_width(), theme, meter) {}

    Figure draw() && {
        double y = kMargin;
        if (options_.heading)
            y = page_.heading(title(), subtitle());
        else
            page_.entitle(title(), subtitle());
        top_ = y + kAbove;
        draw_layers();
        // Lines below, boxes and names above.
        for (const FlowEdge& edge : flow_.edges) {
            if (edge.kind == FlowPartKind::residual) draw_residual(edge);
        }
        for (const FlowEdge& edge : flow_.edges) {
            if (edge.kind == FlowPartKind::attention) draw_attention(edge);
        }
        draw_boxes();
        draw_tokens();
        draw_predictions();
        return std::move(page_).finish(bottom() + 34 + kMargin);
    }

  private:
    static std::vector<std::uint32_t> columns_of(const InformationFlow& flow) {
        std::set<std::uint32_t> tokens = {flow.token};
        for (const FlowEdge& edge : flow.edges) tokens.insert({edge.from, edge.to});
        return {tokens.begin(), tokens.end()};
    }

    double spacing() const {
        const auto columns = static_cast<double>(columns_.size());
        if (options_.width > 0) return (options_.width - 2 * kMargin - kLeft) / columns;
        return std::clamp((kPageWidth - 2 * kMargin - kLeft) / columns, kNarrowest, kWidest);
    }
    double page_width() const {
        if (options_.width > 0) return options_.width;
        const double needed =
            2 * kMargin + kLeft + spacing() * static_cast<double>(columns_.size());
        return std::max(needed, 420.0);
    }

    double x(std::uint32_t token) const {
        const auto place = std::ranges::lower_bound(columns_, token) - columns_.begin();
        return kMargin + kLeft + spacing() * (static_cast<double>(place) + 0.3);
    }
    // The stream after a layer; -1 is the embedding.
    double y(LayerId layer) const {
        return top_ + kRow * static_cast<double>(flow_.layers - 1 - layer);
    }
    double bottom() const { return y(-1); }

    std::string title() const {
        if (flow_.predicted.empty()) return "Where a prediction came from";
        return "How the model came to " + quoted(flow_.predicted.front().token.text) + " after " +
               quoted(flow_.tokens[flow_.token].text);
    }
    std::string subtitle() const {
        return flow_.model + ": " + std::to_string(columns_.size()) + " of " +
               std::to_string(flow_.tokens.size()) +
               " tokens; a line's width is its share of the layer's output at the token (L1 "
               "proximity), shares below " +
               threshold_text(flow_.threshold) +
               " are left out. Boxes: experts that the token chose, by number.";
    }

    void draw_layers() {
        page_.text("layer", small_style(), theme_.muted, {{kMargin, y(flow_.layers - 1) - 14}});
        for (LayerId layer = -1; layer < flow_.layers; ++layer) {
            const std::string name = layer < 0 ? "input" : std::to_string(layer);
            page_.text(name, small_style(), theme_.muted, {{kMargin, y(layer)}});
            page_.add(
                LineShape{{{kMargin + kLeft - 8, y(layer)}, {page_.width() - kMargin, y(layer)}},
                          theme_.grid,
                          0.5});
        }
    }

    double width(double contribution) const {
        return std::max(0.5, kMostWidth * std::sqrt(std::max(contribution, 0.0)));
    }

    std::string side() const { return options_.side.empty() ? "" : options_.side + ": "; }

    bool is_common(const FlowEdge& edge) const {
        return options_.compared && edge.kind == FlowPartKind::expert &&
               options_.common.contains({edge.layer, edge.expert});
    }
    // An expert of this side alone.
    bool is_own(const FlowEdge& edge) const {
        return options_.compared && edge.kind == FlowPartKind::expert && !is_common(edge);
    }
    Color box_color(const FlowEdge& edge) const {
        if (is_own(edge)) return options_.own_color;
        return options_.compared ? neutral_color(theme_) : selection_palette(theme_)[1];
    }

    Datum datum_of(const FlowEdge& edge) const {
        Datum datum;
        datum.kind =
            edge.kind == FlowPartKind::residual ? "stream" : std::string(flow_part_word(edge.kind));
        datum.layer = edge.layer;
        datum.expert = edge.expert;
        datum.group = side() + std::to_string(edge.to) + " <- " + std::to_string(edge.from);
        datum.values.push_back({"contribution", edge.contribution});
        if (edge.kind == FlowPartKind::expert) datum.values.push_back({"weight", edge.weight});
        for (const FlowHead& head : edge.heads) {
            datum.values.push_back({"head " + std::to_string(head.head), head.contribution});
        }
        if (is_common(edge)) datum.values.push_back({"expert of", 0, "both"});
        if (is_own(edge)) datum.values.push_back({"expert of", 0, options_.side});
        if (!edge.promoted.empty()) {
            datum.values.push_back({"promotes", 0, visible(edge.promoted.front().token.text)});
            datum.values.push_back({"suppresses", 0, visible(edge.suppressed.front().token.text)});
        }
        return datum;
    }

    void draw_residual(const FlowEdge& edge) {
        Color color = neutral_color(theme_);
        const LineShape line{{{x(edge.to), y(edge.layer - 1)}, {x(edge.to), y(edge.layer)}},
                             color,
                             width(edge.contribution)};
        page_.add(line, page_.datum(datum_of(edge)));
    }

    void draw_attention(const FlowEdge& edge) {
        Color color = selection_palette(theme_)[0];
        color.a = 190;
        const Point from{x(edge.from), y(edge.layer - 1)}, to{x(edge.to), y(edge.layer)};
        const int datum = page_.datum(datum_of(edge));
        if (edge.from == edge.to) {  // a bow beside the stream
            const double out = 9;
            page_.add(LineShape{{from,
                                 {from.x - out, from.y - kRow * 0.3},
                                 {to.x - out, to.y + kRow * 0.3},
                                 to},
                                color,
                                width(edge.contribution)},
                      datum);
            return;
        }
        page_.add(LineShape{{from, to}, color, width(edge.contribution)}, datum);
        std::string heads;
        for (std::size_t h = 0; h < std::min(kHeadsNamed, edge.heads.size()); ++h) {
            if (edge.heads[h].contribution < flow_.threshold / 2) break;
            heads += (heads.empty() ? "h" : ",") + std::to_string(edge.heads[h].head);
        }
        const Point at{from.x + 0.12 * (to.x - from.x) + 4, from.y + 0.12 * (to.y - from.y) - 4};
        page_.text(heads, small_style(), theme_.muted, {at, HAlign::left, VAlign::bottom});
    }

    // Beside the stream, side by side.
    void draw_boxes() {
        std::map<std::pair<LayerId, std::uint32_t>, double> used;
        for (const FlowEdge& edge : flow_.edges) {
            if (!is_box(edge)) continue;
            const std::string name = box_name(edge);
            const double room = std::max(kBoxWidth, page_.width_of(name, small_style()) + 8);
            double& right = used[{edge.layer, edge.to}];
            const Rect rect{x(edge.to) + 10 + right, y(edge.layer) + kRow / 2 - kBoxHeight / 2,
                            room, kBoxHeight};
            const double start = right > 0 ? rect.x - kBoxGap : x(edge.to);
            right += room + kBoxGap;
            const double shown = std::min(1.0, edge.contribution / 0.4);
            const Color color = box_color(edge);
            Color fill = color;
            fill.a = static_cast<std::uint8_t>(std::lround(40 + 120 * shown));
            const int datum = page_.datum(datum_of(edge));
            page_.add(
                LineShape{{{start, rect.y + kBoxHeight / 2}, {rect.x, rect.y + kBoxHeight / 2}},
                          color,
                          std::min(width(edge.contribution), kBoxHeight - 4)});
            page_.add(RectShape{.rect = rect, .fill = theme_.background}, datum);
            page_.add(
                RectShape{
                    .rect = rect, .fill = fill, .stroke = color, .stroke_width = 1, .radius = 3},
                datum);
            TextStyle style = small_style();
            style.bold = is_own(edge);
            page_.text(name, style, theme_.text,
                       {{rect.x + room / 2, rect.y + kBoxHeight / 2}, HAlign::center});
        }
    }

    void draw_tokens() {
        std::set<std::pair<LayerId, std::uint32_t>> nodes;
        for (const FlowEdge& edge : flow_.edges) {
            nodes.insert({edge.layer, edge.to});
            if (edge.kind == FlowPartKind::residual || edge.kind == FlowPartKind::attention) {
                nodes.insert({edge.layer - 1, edge.from});
            }
        }
        for (const auto& [layer, token] : nodes) {
            page_.add(CircleShape{{x(token), y(layer)}, kNode, theme_.text});
        }
        for (const std::uint32_t token : columns_) {
            Datum datum;
            datum.kind = "token";
            datum.group = side() + std::to_string(token);
            datum.values.push_back({"text", 0, flow_.tokens[token].text});
            const bool chosen = token == flow_.token;
            const TextStyle style = body_style(chosen);
            const std::string text =
                shortened(visible(flow_.tokens[token].text), style, spacing() - 6, page_.meter());
            page_.add(TextShape{.at = {x(token), bottom() + 10},
                                .text = text,
                                .style = style,
                                .color = theme_.text,
                                .h = HAlign::center,
                                .v = VAlign::top},
                      page_.datum(datum));
            page_.text(std::to_string(token), small_style(), theme_.muted,
                       {{x(token), bottom() + 24}, HAlign::center, VAlign::top});
        }
    }

    // One text each: next to each other in one text, right-to-left words would change places.
    void draw_predictions() {
        constexpr double kGap = 9;
        double wide = -kGap;
        std::vector<std::string> texts;
        for (const ScoredToken& p : flow_.predicted) {
            texts.push_back(visible(p.token.text) + " " + share_text(p.score));
            wide += page_.width_of(texts.back(), small_style()) + kGap;
        }
        double left = std::clamp(x(flow_.token) - wide / 2, kMargin + kLeft,
                                 std::max(kMargin + kLeft, page_.width() - kMargin - wide));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            Datum datum;
            datum.kind = "prediction";
            datum.group = side() + flow_.predicted[i].token.text;
            datum.values.push_back({"probability", flow_.predicted[i].score});
            page_.add(TextShape{.at = {left, y(flow_.layers - 1) - 14},
                                .text = texts[i],
                                .style = small_style(),
                                .color = theme_.text,
                                .v = VAlign::middle},
                      page_.datum(datum));
            left += page_.width_of(texts[i], small_style()) + kGap;
        }
    }

    const InformationFlow& flow_;
    const FlowFigureOptions& options_;
    const Theme& theme_;
    std::vector<std::uint32_t> columns_;
    Page page_;
    double top_ = 0;
};

}  // namespace

double flow_row(LayerId layers, LayerId layer) {
    return kMargin + kAbove + kRow * static_cast<double>(layers - 1 - layer);
}

Figure flow_figure(const InformationFlow& flow, const FlowFigureOptions& options,
                   const Theme& theme, const TextMeter& meter) {
    return FlowPicture(flow, options, theme, meter).draw();
}

}  // namespace alluvium

#include "analysis/figures/circuit_figure.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/figures/circuit_layout.h"
#include "analysis/figures/circuit_model.h"
#include "analysis/figures/circuit_parts.h"
#include "analysis/figures/circuit_strips.h"
#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/numbers.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;
constexpr double kLeft = 40, kRight = 118;        // beside the first and the last column
constexpr double kNarrowest = 30, kWidest = 190;  // from column to column
constexpr double kNarrowestPage = 480;
constexpr double kDenseGap = 0.7;  // what dense layers between two columns add, in spacings

class CircuitPicture {
  public:
    CircuitPicture(const Analysis& analysis, const CircuitFigureOptions& options,
                   const Theme& theme, const TextMeter& meter)
        : analysis_(analysis),
          options_(options),
          theme_(theme),
          looks_(options.looks.empty() ? group_looks(analysis) : options.looks),
          model_(circuit_model(
              *analysis.circuit, looks_,
              {options.selected, options.most_nodes, options.first_layer, options.last_layer},
              theme)),
          page_("circuit", page_width(), theme, meter) {}

    Figure draw() && {
        const std::string title = circuit_finding(analysis_, *analysis_.circuit);
        const std::string subtitle = circuit_subtitle(analysis_, looks_);
        double y = kMargin;
        if (options_.heading)
            y = page_.heading(title, subtitle);
        else
            page_.entitle(title, subtitle);
        y = draw_layer_numbers(y);
        top_ = y + 6;
        space_ = {.height = picture_height(), .slot = kSmallSize + 2, .gap = 6};
        layout_ = layout_circuit(model_, space_);
        draw_cables();
        draw_dense_gaps();
        draw_nodes();
        draw_names();
        const CircuitStrips strips(analysis_, looks_, model_, strip_columns(), page_);
        y = strips.draw_outside(top_ + space_.height + 12);
        y = strips.draw_overlap(y + 12);
        y = draw_key(y + 12);
        return std::move(page_).finish(std::max(y + kMargin - 4, options_.height));
    }

  private:
    double page_width() const {
        if (options_.width > 0) return options_.width;
        const double gaps = place_of_last_column();
        const double sides = 2 * kMargin + kLeft + kRight;
        const double spacing = std::clamp((kPageWidth - sides) / gaps, kNarrowest, kWidest);
        return std::max(kNarrowestPage, sides + spacing * gaps);
    }

    double picture_height() const {
        constexpr double kBelow = 150;  // strips and key
        if (options_.height > 0) return std::max(120.0, options_.height - top_ - kBelow);
        return 250 + 16.0 * static_cast<double>(std::min<std::size_t>(model_.lanes.size(), 14));
    }

    double spacing() const {
        const double room = page_.width() - 2 * kMargin - kLeft - kRight;
        return room / place_of_last_column();
    }

    // Layers between the column and the next that have no router.
    int dense_after(std::size_t column) const {
        return model_.columns[column + 1].layer - model_.columns[column].layer - 1;
    }

    // In spacings from the first column: dense layers push the next column away.
    double place_of(std::size_t column) const {
        double place = static_cast<double>(column);
        for (std::size_t c = 0; c < column; ++c) place += dense_after(c) > 0 ? kDenseGap : 0;
        return place;
    }
    double place_of_last_column() const {
        return model_.columns.size() < 2 ? 1 : place_of(model_.columns.size() - 1);
    }

    double node_width() const { return std::clamp(spacing() * 0.14, 5.0, 11.0); }

    // The left edge of a column's nodes.
    double column_x(std::size_t column) const {
        return kMargin + kLeft + spacing() * place_of(column) - node_width() / 2;
    }

    double column_center(std::size_t column) const { return column_x(column) + node_width() / 2; }

    double draw_layer_numbers(double y) {
        page_.text("layer", small_style(), theme_.muted, {{kMargin, y}, HAlign::left, VAlign::top});
        for (std::size_t c = 0; c < model_.columns.size(); ++c)
            page_.text(std::to_string(model_.columns[c].layer), small_style(), theme_.muted,
                       {{column_center(c), y}, HAlign::center, VAlign::top});
        return y + kLine;
    }

    RibbonShape ribbon(const Cable& cable, const CableEnds& ends, double below, double flow) const {
        RibbonShape out;
        out.x0 = column_x(model_.nodes[cable.from].column) + node_width();
        out.x1 = column_x(model_.nodes[cable.to].column);
        out.top0 = top_ + ends.from_top + below * layout_.scale;
        out.top1 = top_ + ends.to_top + below * layout_.scale;
        out.bottom0 = out.top0 + flow * layout_.scale;
        out.bottom1 = out.top1 + flow * layout_.scale;
        return out;
    }

    // Wide ones first, so that thin strands stay on top; what all share lies below everything.
    void draw_cables() {
        std::vector<std::size_t> order(model_.cables.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
            const Cable &x = model_.cables[a], &y = model_.cables[b];
            if (x.shared_by_all != y.shared_by_all) return x.shared_by_all;
            return x.flow > y.flow;
        });
        for (const std::size_t c : order) draw_cable(model_.cables[c], layout_.cables[c]);
    }

    void draw_cable(const Cable& cable, const CableEnds& ends) {
        constexpr std::uint8_t kNeutralAlpha = 130;
        if (cable.shared_by_all && options_.selected.empty()) {
            RibbonShape shape = ribbon(cable, ends, 0, cable.flow);
            shape.fill = neutral_color(theme_);
            shape.fill.a = kNeutralAlpha;
            page_.add(shape, page_.datum(cable_datum(cable, "all", cable.groups, cable.flow)));
            return;
        }
        double below = 0;
        for (std::size_t lane = 0; lane < model_.lanes.size(); ++lane) {
            const double flow = cable.lanes[lane];
            if (flow <= 0) continue;
            RibbonShape shape = ribbon(cable, ends, below, flow);
            shape.fill = model_.lanes[lane].color;
            shape.fill.a = strand_alpha(flow);
            std::vector<double> groups(cable.groups.size(), 0.0);
            for (const std::size_t g : model_.lanes[lane].groups) groups[g] = cable.groups[g];
            page_.add(shape, page_.datum(cable_datum(cable, lane_label(lane), groups, flow)));
            below += flow;
        }
    }

    // What a token does in dense layers is no part of its route: the ribbons are interrupted.
    void draw_dense_gaps() {
        for (std::size_t c = 0; c + 1 < model_.columns.size(); ++c) {
            const int dense = dense_after(c);
            if (dense == 0) continue;
            const double middle = (column_center(c) + column_center(c + 1)) / 2;
            const double width = kDenseGap * spacing() * 0.6;
            const Rect band{middle - width / 2, top_, width, space_.height};
            page_.add(RectShape{.rect = band, .fill = theme_.background});
            RectShape gap{.rect = band, .fill = theme_.missing};
            gap.hatched = true;
            gap.hatch = theme_.grid;
            const int first = model_.columns[c].layer + 1;
            page_.add(
                gap,
                page_.datum({.kind = "dense",
                             .layer = first,
                             .group = {},
                             .values = {{"layers without a router", static_cast<double>(dense)}}}));
            const std::string numbers =
                dense == 1 ? std::to_string(first)
                           : std::to_string(first) + "-" + std::to_string(first + dense - 1);
            page_.text(numbers, small_style(), theme_.muted,
                       {{middle, top_ - 6 - kLine}, HAlign::center, VAlign::top});
            if (page_.width_of("dense", small_style()) > width) continue;
            page_.text("dense", small_style(), theme_.muted,
                       {{middle, top_ + space_.height / 2}, HAlign::center, VAlign::middle});
        }
    }

    // Hair-thin strands are many: they recede, or they would grey the picture.
    std::uint8_t strand_alpha(double flow) const {
        const double width = std::clamp(flow * layout_.scale / 2, 0.0, 1.0);
        return static_cast<std::uint8_t>(std::lround(70 + 110 * width));
    }

    std::string lane_label(std::size_t lane) const {
        const Lane& l = model_.lanes[lane];
        return l.groups.size() == 1 ? looks_[l.groups.front()].label : l.name;
    }

    Datum cable_datum(const Cable& cable, const std::string& group,
                      const std::vector<double>& groups, double flow) const {
        const DrawnNode &from = model_.nodes[cable.from], &to = model_.nodes[cable.to];
        Datum datum{.kind = "ribbon",
                    .layer = from.layer,
                    .expert = std::max(from.expert, -1),
                    .to_expert = std::max(to.expert, -1),
                    .group = group,
                    .values = {{"flow", flow}}};
        const auto several =
            std::count_if(groups.begin(), groups.end(), [](double f) { return f > 0; });
        for (std::size_t g = 0; g < groups.size() && several > 1; ++g)
            if (groups[g] > 0) datum.values.push_back({looks_[g].label, groups[g]});
        return datum;
    }

    void draw_nodes() {
        for (std::size_t n = 0; n < model_.nodes.size(); ++n) {
            const DrawnNode& node = model_.nodes[n];
            const double height = node.mass * layout_.scale;
            const Rect rect{column_x(node.column), top_ + layout_.centers[n] - height / 2,
                            node_width(), height};
            draw_node(page_, rect, node.kind, segments_of(node), page_.datum(node_datum(node)));
            draw_number(node, rect);
        }
    }

    std::vector<NodeSegment> segments_of(const DrawnNode& node) const {
        std::vector<NodeSegment> out;
        for (std::size_t lane = 0; lane < node.lanes.size(); ++lane)
            if (node.lanes[lane] > 0)
                out.push_back({node.lanes[lane] / node.mass, model_.lanes[lane].color});
        return out;
    }

    Datum node_datum(const DrawnNode& node) const {
        Datum datum{.kind = "node",
                    .layer = node.layer,
                    .expert = std::max(node.expert, -1),
                    .group = {},
                    .values = {{"kind", kMissing, std::string(to_string(node.kind))},
                               {"kept by", static_cast<double>(node.groups.size())}}};
        if (node.bundled > 0)
            datum.values.push_back({"experts", static_cast<double>(node.bundled)});
        for (const GroupMass& g : node.groups)
            datum.values.push_back({looks_[g.group].label, g.mass});
        return datum;
    }

    // To the left, on a patch of background that keeps it readable over the ribbons.
    void draw_number(const DrawnNode& node, const Rect& rect) {
        TextStyle style = small_style();
        style.bold = node.kind == NodeKind::exclusive;
        const std::string text = node.expert == kBundledNode
                                     ? std::to_string(node.bundled) + "\u00d7"
                                     : std::to_string(node.expert);
        const double width = page_.width_of(text, style) + 3;
        const double middle = rect.y + rect.height / 2, right = rect.x - 3;
        Color patch = theme_.background;
        patch.a = 215;
        page_.add(RectShape{.rect = {right - width, middle - kSmallSize / 2, width, kSmallSize},
                            .fill = patch,
                            .radius = 2});
        page_.text(text, style, theme_.text,
                   {{right - width / 2, middle}, HAlign::center, VAlign::middle});
    }

    // Where a lane ends: the middle of its segment in the node that holds most of it.
    double end_of(std::size_t lane) const {
        double most = -1, y = top_ + space_.height / 2;
        for (const std::size_t n : model_.columns.back().nodes) {
            const DrawnNode& node = model_.nodes[n];
            if (node.lanes[lane] <= most || node.lanes[lane] <= 0) continue;
            most = node.lanes[lane];
            double above = 0;
            for (std::size_t other = 0; other < lane; ++other) above += node.lanes[other];
            y = top_ + layout_.centers[n] +
                (above + node.lanes[lane] / 2 - node.mass / 2) * layout_.scale;
        }
        return y;
    }

    void draw_names() {
        if (model_.columns.empty()) return;
        std::vector<double> wanted;
        for (std::size_t lane = 0; lane < model_.lanes.size(); ++lane)
            wanted.push_back(end_of(lane));
        const std::vector<double> places =
            spread_labels(wanted, kLeading * kBodySize, top_ - 6, top_ + space_.height + 6);
        const double edge = column_x(model_.columns.size() - 1) + node_width() + 3;
        for (std::size_t lane = 0; lane < model_.lanes.size(); ++lane) {
            const Lane& l = model_.lanes[lane];
            const Color color = readable_on(l.color, theme_.background);
            page_.add(LineShape{{{edge, wanted[lane]},
                                 {edge + 4, wanted[lane]},
                                 {edge + 13, places[lane]},
                                 {edge + 16, places[lane]}},
                                color,
                                0.8});
            TextStyle style = body_style(true);
            style.language = l.language;
            const double left = edge + 19;
            page_.text(shortened(l.name, style, page_.width() - kMargin / 2 - left, page_.meter()),
                       style, color, {{left, places[lane]}, HAlign::left, VAlign::middle});
        }
    }

    StripColumns strip_columns() const {
        StripColumns columns{{}, spacing()};
        for (std::size_t c = 0; c < model_.columns.size(); ++c)
            columns.centers.push_back(column_center(c));
        return columns;
    }

    double draw_key(double y) {
        CircuitKey key{.group = analysis_.options.by,
                       .groups = group_noun(analysis_.options.by),
                       .bundled = model_.bundled,
                       .single_group = looks_.size() < 2,
                       .neutral_cables = options_.selected.empty()};
        return draw_circuit_key(page_, key, {kMargin, y, page_.width() - 2 * kMargin, 0});
    }

    const Analysis& analysis_;
    const CircuitFigureOptions& options_;
    const Theme& theme_;
    const std::vector<GroupLook> looks_;
    const CircuitModel model_;
    Page page_;
    double top_ = 0;
    CircuitSpace space_;
    CircuitLayout layout_;
};

Figure without_circuit(const Analysis& analysis, const CircuitFigureOptions& options,
                       const Theme& theme, const TextMeter& meter) {
    const auto reason = analysis.missing.find("circuit");
    const std::string why = reason != analysis.missing.end()
                                ? reason->second
                                : "the analysis was made without a circuit";
    Page page("circuit", options.width > 0 ? options.width : 480, theme, meter);
    const double y = page.heading("No circuit to show", "Missing: " + why + ".");
    return std::move(page).finish(std::max(y + kMargin, options.height));
}

}  // namespace

Figure circuit_figure(const Analysis& analysis, const CircuitFigureOptions& options,
                      const Theme& theme, const TextMeter& meter) {
    if (!analysis.circuit || analysis.circuit->nodes.empty())
        return without_circuit(analysis, options, theme, meter);
    return CircuitPicture(analysis, options, theme, meter).draw();
}

}  // namespace alluvium

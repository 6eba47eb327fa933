#include "analysis/figures/flow_pair_figure.h"

#include <algorithm>

#include "analysis/figures/colors.h"
#include "analysis/figures/page.h"
#include "analysis/flow_overlap.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kMiddle = 104;  // between the pictures
constexpr double kBoxWidth = 20, kBoxHeight = 13, kBoxGap = 3;
constexpr std::size_t kPerRow = 4;
constexpr double kSentence = 3 * kLeading * kBodySize;  // name and text above each picture

FlowFigureOptions side_options(const FlowOverlap& overlap, bool first, const FlowSide& side,
                               const FlowFigureOptions& options, const Theme& theme) {
    FlowFigureOptions own = options;
    own.heading = false;
    own.side = side.name;
    own.compared = true;
    own.own_color = selection_palette(theme)[first ? 1 : 2];
    own.width = options.width > 0 ? (options.width - kMiddle) / 2 : 0;
    for (const FlowLayerOverlap& layer : overlap.layers) {
        for (const FlowExpert& expert : layer.both) own.common.insert({layer.layer, expert.expert});
    }
    return own;
}

// Half a page where few tokens stand side by side: alone they would be spread over a whole one.
Figure side_figure(const InformationFlow& flow, FlowFigureOptions options, const Theme& theme,
                   const TextMeter& meter) {
    constexpr double kHalf = 448;
    constexpr std::ptrdiff_t kFewTokens = 5;
    Figure figure = flow_figure(flow, options, theme, meter);
    const auto tokens =
        std::ranges::count_if(figure.data, [](const Datum& d) { return d.kind == "token"; });
    if (options.width > 0 || figure.width <= kHalf || tokens > kFewTokens) return figure;
    options.width = kHalf;
    return flow_figure(flow, options, theme, meter);
}

std::string sentence_of(const InformationFlow& flow) {
    std::string text;
    for (const FlowToken& token : flow.tokens) text += token.text;
    return text;
}

class PairPage {
  public:
    PairPage(const FlowSide& a, const FlowSide& b, const FlowOverlap& overlap, double left,
             double right, const Theme& theme, const TextMeter& meter)
        : a_(a),
          b_(b),
          overlap_(overlap),
          left_(left),
          theme_(theme),
          page_("flow", left + kMiddle + right, theme, meter) {}

    Figure draw(Figure of_a, Figure of_b, const FlowFigureOptions& options) && {
        top_ = kMargin;
        if (options.heading) {
            top_ = page_.heading(title(), subtitle());
        } else {
            page_.entitle(title(), subtitle());
        }
        draw_sentence(a_, 0, left_, selection_palette(theme_)[1]);
        draw_sentence(b_, left_ + kMiddle, page_.width() - left_ - kMiddle,
                      selection_palette(theme_)[2]);
        const double down = top_ + kSentence - kMargin;
        const double height = std::max(of_a.height, of_b.height);
        place(std::move(of_a), 0, down);
        place(std::move(of_b), left_ + kMiddle, down);
        draw_middle(down);
        const double y = page_.paragraph(note(), small_style(), theme_.muted,
                                         {kMargin, down + height, page_.width() - 2 * kMargin, 0});
        return std::move(page_).finish(y + kMargin);
    }

  private:
    std::string title() const {
        return a_.name + " and " + b_.name + " came by " + thousands_text(overlap_.both) +
               (overlap_.both == 1 ? " common expert, and " : " common experts, and ") +
               thousands_text(overlap_.only_a) + " and " + thousands_text(overlap_.only_b) +
               " of their own";
    }
    std::string subtitle() const {
        return a_.flow.model + ", token after token followed back (information flow); common: " +
               fixed_text(100 * overlap_.jaccard(), 0) + " % of all experts that either came by";
    }
    std::string note() const {
        return "Grey boxes: experts of both, named between the pictures too. Coloured and bold: of "
               "one sentence alone. Numbers are those of the layer's experts; shares below " +
               fixed_text(std::max(a_.flow.threshold, b_.flow.threshold), 3) +
               " of a layer's output are left out.";
    }

    void draw_sentence(const FlowSide& side, double x, double width, Color color) {
        TextStyle bold = body_style(true), plain = body_style();
        plain.language = side.language;
        page_.text(side.name, bold, color, {{x + kMargin, top_ + 4}, HAlign::left, VAlign::top});
        page_.text(shortened(sentence_of(side.flow), plain, width - 2 * kMargin, page_.meter()),
                   plain, theme_.text,
                   {{x + kMargin, top_ + 4 + kLeading * kBodySize}, HAlign::left, VAlign::top});
    }

    void place(Figure figure, double dx, double dy) {
        Page part("flow", figure.width, theme_, page_.meter());
        for (Datum& datum : figure.data) part.datum(std::move(datum));
        for (Mark& mark : figure.marks) part.add(std::move(mark.shape), mark.datum);
        page_.insert(std::move(part), dx, dy);
    }

    // What both came by, at the height of its layer.
    void draw_middle(double down) {
        const double middle = left_ + kMiddle / 2;
        page_.text("both", small_style(), theme_.muted,
                   {{middle, down + flow_row(a_.flow.layers, a_.flow.layers - 1) - 14},
                    HAlign::center,
                    VAlign::middle});
        for (const FlowLayerOverlap& layer : overlap_.layers) {
            const double row = down + flow_row(a_.flow.layers, layer.layer) + kFlowRow / 2;
            const std::size_t shown = std::min(layer.both.size(), kPerRow);
            const double width = static_cast<double>(shown) * (kBoxWidth + kBoxGap) - kBoxGap;
            for (std::size_t i = 0; i < shown; ++i) {
                const bool rest = i + 1 == kPerRow && layer.both.size() > kPerRow;
                draw_common(layer, i, rest,
                            {middle - width / 2 + static_cast<double>(i) * (kBoxWidth + kBoxGap),
                             row - kBoxHeight / 2, kBoxWidth, kBoxHeight});
            }
        }
    }

    // `rest`: stands for this expert and those after it.
    void draw_common(const FlowLayerOverlap& layer, std::size_t i, bool rest, const Rect& rect) {
        const FlowExpert& expert = layer.both[i];
        const int datum = page_.datum({.kind = "common",
                                       .layer = layer.layer,
                                       .expert = expert.expert,
                                       .group = {},
                                       .values = {{a_.name, expert.a}, {b_.name, expert.b}}});
        Color fill = neutral_color(theme_);
        fill.a = 70;
        page_.add(RectShape{.rect = rect,
                            .fill = fill,
                            .stroke = neutral_color(theme_),
                            .stroke_width = 1,
                            .radius = 3},
                  datum);
        const std::string text =
            rest ? "+" + std::to_string(layer.both.size() - i) : std::to_string(expert.expert);
        page_.text(text, small_style(), theme_.text,
                   {{rect.x + rect.width / 2, rect.y + rect.height / 2}, HAlign::center});
    }

    const FlowSide &a_, &b_;
    const FlowOverlap& overlap_;
    const double left_;
    const Theme& theme_;
    Page page_;
    double top_ = 0;
};

}  // namespace

FlowSide flow_side(const std::string& label, const InformationFlow& flow,
                   const LanguageTable& languages) {
    const Language* known = languages.find(label);
    return {known != nullptr ? known->name : label, known != nullptr ? known->code : "", flow};
}

Figure flow_pair_figure(const FlowSide& a, const FlowSide& b, const FlowFigureOptions& options,
                        const Theme& theme, const TextMeter& meter) {
    const FlowOverlap overlap = flow_overlap(a.flow, b.flow);
    Figure of_a = side_figure(a.flow, side_options(overlap, true, a, options, theme), theme, meter);
    Figure of_b =
        side_figure(b.flow, side_options(overlap, false, b, options, theme), theme, meter);
    PairPage page(a, b, overlap, of_a.width, of_b.width, theme, meter);
    return std::move(page).draw(std::move(of_a), std::move(of_b), options);
}

}  // namespace alluvium

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/layer_plot.h"
#include "analysis/figures/page.h"
#include "analysis/figures/pair_figure.h"
#include "analysis/number_text.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kPlotHeight = 220;
constexpr double kLeft = 34, kRight = 130;  // for numbers and names beside the plot
constexpr double kLine = kLeading * kSmallSize;

std::string name_of(const std::string& code) {
    const Language* language = LanguageTable::instance().find(code);
    return language == nullptr ? code : language->name;
}

std::string title_of(const ReadOrWritten& result) {
    const std::string before = "Before the reply, late routing ";
    switch (result.follows) {
        case Follows::read:
            return before + "goes with the language read";
        case Follows::written:
            return before + "goes with the language to be written";
        case Follows::both:
            return before + "goes with both languages";
        case Follows::inconclusive:
            break;
    }
    return before + "goes with neither language for certain: inconclusive";
}

std::string subtitle_of(const ReadOrWritten& result) {
    return "Effect on the " + fixed_text(result.tokens, 0) +
           " last tokens, which all prompts share; 1: as far as texts in " + name_of(result.first) +
           " and " + name_of(result.second) + " lie apart in that layer. " +
           std::to_string(result.groups) +
           " translated texts, each with the request to reply in either language. " +
           result.model.name + checkpoint_sentence(result.model) + ".";
}

Datum datum_of(const ReadOrWrittenLayer& layer) {
    Datum datum;
    datum.kind = "layer";
    datum.layer = layer.layer;
    const auto add = [&](const std::string& name, const Estimate& e) {
        datum.values.push_back({name, e.value});
        datum.values.push_back({name + " low", e.low});
        datum.values.push_back({name + " high", e.high});
    };
    add("read", layer.read);
    add("write", layer.write);
    add("difference", layer.difference);
    add("texts", layer.texts);
    return datum;
}

// One of the two effects over the layers.
struct Effect {
    std::string name;
    Color color;
    Series value, low, high;
};

Effect effect_of(const ReadOrWritten& result, std::string name, Color color,
                 Estimate ReadOrWrittenLayer::*field) {
    Effect effect{std::move(name), color, {}, {}, {}};
    for (const ReadOrWrittenLayer& layer : result.layers) {
        effect.value.push_back((layer.*field).value);
        effect.low.push_back((layer.*field).low);
        effect.high.push_back((layer.*field).high);
    }
    return effect;
}

void draw_effect(Page& page, LayerPlot& plot, const Effect& effect) {
    Color area = effect.color;
    area.a = 48;
    plot.draw_area(effect.low, effect.high, area);
    plot.draw_line(effect.value, {{}, effect.color, 1.8});
    for (std::size_t i = 0; i < effect.value.size(); ++i) {
        if (!std::isfinite(effect.value[i])) continue;
        page.add(CircleShape{
            {plot.x(i), plot.y(effect.value[i])}, 2.2, page.theme().background, effect.color, 1.3});
    }
}

// Names at the right end of the lines.
void name_effects(Page& page, const LayerPlot& plot, const std::vector<Effect>& effects) {
    std::vector<double> wanted;
    for (const Effect& effect : effects) {
        const auto last = std::find_if(effect.value.rbegin(), effect.value.rend(),
                                       [](double v) { return std::isfinite(v); });
        wanted.push_back(plot.y(last == effect.value.rend() ? 0 : *last));
    }
    const std::vector<double> places = spread_labels(wanted, kLine, plot.rect().y, plot.bottom());
    for (std::size_t i = 0; i < effects.size(); ++i) {
        page.text(effects[i].name, small_style(),
                  readable_on(effects[i].color, page.theme().background),
                  {{plot.right() + 8, places[i]}, HAlign::left, VAlign::middle});
    }
}

}  // namespace

Figure pair_figure(const ReadOrWritten& result, const PairFigureOptions& options,
                   const Theme& theme, const TextMeter& meter) {
    Page page("read-or-written", options.width > 0 ? options.width : kDefaultWidth, theme, meter);
    double y = kMargin;
    if (options.heading) {
        y = page.heading(title_of(result), subtitle_of(result)) + 6;
    } else {
        page.entitle(title_of(result), subtitle_of(result));
    }
    const auto palette = selection_palette(theme);
    const std::vector<Effect> effects = {
        effect_of(result, "language read", palette[0], &ReadOrWrittenLayer::read),
        effect_of(result, "language to be written", palette[1], &ReadOrWrittenLayer::write)};
    double low = -0.1, high = 0.2;
    std::vector<int> layers;
    for (const ReadOrWrittenLayer& layer : result.layers) layers.push_back(layer.layer);
    for (const Effect& effect : effects) {
        low = std::min({low, smallest(effect.value), smallest(effect.low)});
        high = std::max({high, largest(effect.value), largest(effect.high)});
    }
    const double pad = 0.05 * (high - low);
    LayerPlot plot(page,
                   {kMargin + kLeft, y, page.width() - 2 * kMargin - kLeft - kRight, kPlotHeight},
                   layers, low - pad, high + pad);
    plot.draw_axes();
    plot.draw_missing(effects[0].value);
    for (const Effect& effect : effects) draw_effect(page, plot, effect);
    name_effects(page, plot, effects);
    // What a pointer finds: the whole height of a layer.
    for (std::size_t i = 0; i < result.layers.size(); ++i) {
        page.add(RectShape{.rect = {plot.x(i) - 4, plot.rect().y, 8, plot.rect().height},
                           .fill = {0, 0, 0, 0}},
                 page.datum(datum_of(result.layers[i])));
    }
    y = plot.bottom() + 2 * kLine + 4;
    const auto say = [&](const std::string& text, Color color) {
        y = page.paragraph(text, small_style(), color,
                           {kMargin, y, page.width() - 2 * kMargin, 0}) +
            2;
    };
    say(result.sentence, theme.text);
    say("Bands: 95 %, leaving out one text at a time. Hatched: texts in the two languages do not "
        "lie apart in that "
        "layer. The request is in English in all prompts.",
        theme.muted);
    return std::move(page).finish(y + kMargin - 4);
}

}  // namespace alluvium

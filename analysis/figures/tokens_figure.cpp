#include "analysis/figures/tokens_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_space.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kChip = 17;    // height of a token
constexpr double kUnder = 11;   // of the experts' numbers under it
constexpr double kBetween = 2;  // tokens
constexpr double kNames = 70;   // of languages or classes, at the left; more where they need it
constexpr double kMostNames = 120;
constexpr double kLine = kLeading * kSmallSize;

// Neighbouring experts get distant hues; identity comes from the printed number.
Color expert_color(ExpertId expert, const Theme& theme) {
    constexpr double kGoldenAngle = 222.49;
    const double hue = 30 + kGoldenAngle * expert;
    return theme.dark ? from_lch(42, 34, hue) : from_lch(87, 26, hue);
}

// A token as it is printed: white space alone must be seen, at the edges it is only in the way.
std::string shown(const std::string& text, std::uint32_t id) {
    if (text.empty()) return "#" + std::to_string(id);
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) return "\u2423";
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string experts_text(const RoutedToken& token) {
    std::string text;
    for (const ExpertId e : token.experts) {
        text += (text.empty() ? "" : " ") + (e == kMissingExpert ? "-" : std::to_string(e));
    }
    return text;
}

class TokensPage {
  public:
    TokensPage(const LayerTokens& tokens, const TokensFigureOptions& options, const Theme& theme,
               const TextMeter& meter)
        : tokens_(tokens),
          options_(options),
          theme_(theme),
          page_("tokens", options.width > 0 ? options.width : kDefaultWidth, theme, meter),
          names_(width_of_names()) {}

    Figure draw() {
        double y = page_.heading(title(), subtitle()) + 6;
        for (const PromptRoutes& prompt : tokens_.prompts) y = draw_prompt(prompt, y) + 8;
        y = draw_vocabulary(y + 4);
        return std::move(page_).finish(y + kMargin - 4);
    }

  private:
    std::string title() const {
        return "Which experts layer " + std::to_string(tokens_.layer) + " chooses, token by token";
    }

    std::string subtitle() const {
        std::string text =
            "Colour and first number: the best expert; numbers: all chosen, best "
            "first. Pale: not counted (of the template, or outside the slice). " +
            std::to_string(tokens_.experts) + " experts, top " + std::to_string(tokens_.top_k) +
            ". ";
        if (!tokens_.model.name.empty()) text += tokens_.model.name + ": ";
        text += thousands_text(tokens_.counted) + " tokens";
        if (!tokens_.where.empty()) text += " where " + tokens_.where;
        if (tokens_.by == "class") {
            text +=
                ". Of each class, the tokens of every language's first prompt, a token of each "
                "language in turn";
        }
        text += checkpoint_sentence(tokens_.model);
        return text + ".";
    }

    // "French", "word start"
    static std::string name_of(const PromptRoutes& prompt) {
        const Language* language = LanguageTable::instance().find(prompt.label);
        std::string name = language == nullptr ? prompt.label : language->name;
        std::ranges::replace(name, '_', ' ');
        return name;
    }

    double width_of_names() const {
        double width = kNames;
        if (tokens_.by != "class") return width;
        for (const PromptRoutes& prompt : tokens_.prompts) {
            width = std::max(width, page_.width_of(name_of(prompt), body_style(true)) + 8);
        }
        return std::min(width, kMostNames);
    }

    // Lines of tokens, in the direction in which the language is read.
    double draw_prompt(const PromptRoutes& prompt, double y) {
        page_.text(shortened(name_of(prompt), body_style(true), names_ - 6, page_.meter()),
                   body_style(true), theme_.text,
                   {{kMargin, y + kChip / 2}, HAlign::left, VAlign::middle});
        const double left = kMargin + names_, right = page_.width() - kMargin;
        double at = 0;
        const std::size_t tokens = std::min(prompt.tokens.size(), options_.most_tokens);
        for (std::size_t t = 0; t < tokens; ++t) {
            const RoutedToken& token = prompt.tokens[t];
            const TextStyle style{kBodySize, false, false, prompt.language};
            const std::string text =
                shortened(shown(token.text, token.id), style, right - left - 8, page_.meter());
            const double width = std::max(page_.width_of(text, style) + 7,
                                          page_.width_of(experts_text(token), small_style()) + 3);
            if (at > 0 && at + width > right - left) {
                at = 0;
                y += kChip + kUnder + 3;
            }
            const double x = prompt.right_to_left ? right - at - width : left + at;
            draw_token(prompt, token, {x, y, width, kChip}, text);
            at += width + kBetween;
        }
        y += kChip + kUnder;
        if (tokens == prompt.tokens.size()) return y;
        page_.text("and " + std::to_string(prompt.tokens.size() - tokens) + " tokens more",
                   small_style(), theme_.muted, {{left, y + 1}, HAlign::left, VAlign::top});
        return y + kLine;
    }

    void draw_token(const PromptRoutes& prompt, const RoutedToken& token, const Rect& rect,
                    const std::string& text) {
        const ExpertId best = token.experts.front();
        RectShape chip{.rect = rect, .fill = theme_.missing, .radius = 2.5};
        if (best != kMissingExpert) chip.fill = expert_color(best, theme_);
        chip.hatched = best == kMissingExpert;
        chip.hatch = theme_.muted;
        if (!token.counted) {
            chip.stroke = chip.fill;
            chip.stroke_width = 1;
            chip.fill = theme_.background;
        }
        Datum datum;
        datum.kind = "token";
        datum.layer = tokens_.layer;
        datum.expert = best == kMissingExpert ? -1 : best;
        datum.group = prompt.label;
        datum.values = {{"token", kMissing, token.text},
                        {"token id", static_cast<double>(token.id)},
                        {"experts", kMissing, experts_text(token)}};
        page_.add(chip, page_.datum(std::move(datum)));
        page_.text(
            text, {kBodySize, false, false, prompt.language},
            token.counted ? text_on(chip.fill) : theme_.muted,
            {{rect.x + rect.width / 2, rect.y + rect.height / 2}, HAlign::center, VAlign::middle});
        page_.text(experts_text(token), small_style(), theme_.muted,
                   {{rect.x + rect.width / 2, rect.y + rect.height + kUnder / 2},
                    HAlign::center,
                    VAlign::middle});
    }

    double draw_vocabulary(double y) {
        std::vector<const ExpertVocabulary*> experts;
        for (const ExpertVocabulary& expert : tokens_.vocabulary) experts.push_back(&expert);
        if (experts.size() > options_.most_experts) {
            std::stable_sort(experts.begin(), experts.end(), [](const auto* a, const auto* b) {
                return a->selections > b->selections;
            });
            experts.resize(options_.most_experts);
        }
        y = page_.paragraph(
                "Tokens that an expert takes more often than it takes any (times as often)",
                body_style(true), theme_.text, {kMargin, y, page_.width() - 2 * kMargin, 0}) +
            6;
        for (const ExpertVocabulary* expert : experts) {
            draw_expert(*expert, y);
            y += kChip + 2;
        }
        std::string note =
            "Bars: share of the selections; the line is chance, 1/E. Of all counted tokens; ids "
            "with the largest surplus over what the expert's load alone would give. A token that "
            "holds part of a character shows all of it. Formula: docs/metrics.md.";
        if (experts.size() < tokens_.vocabulary.size()) {
            note = "The " + std::to_string(experts.size()) + " busiest of " +
                   std::to_string(tokens_.vocabulary.size()) + " experts. " + note;
        }
        return page_.paragraph(note, small_style(), theme_.muted,
                               {kMargin, y + 4, page_.width() - 2 * kMargin, 0});
    }

    void draw_expert(const ExpertVocabulary& expert, double y) {
        const double middle = y + kChip / 2;
        const Color fill = expert_color(expert.expert, theme_);
        page_.add(RectShape{.rect = {kMargin, y, 28, kChip}, .fill = fill, .radius = 2.5});
        page_.text(std::to_string(expert.expert), body_style(true), text_on(fill),
                   {{kMargin + 14, middle}, HAlign::center, VAlign::middle});
        draw_share(expert, {kMargin + 36, middle - 3, 80, 6});
        double x = kMargin + 128;
        const double right = page_.width() - kMargin;
        for (const ExpertToken& token : expert.tokens) {
            const std::string text = shown(token.text, token.id);
            const std::string lift = " " + fixed_text(token.lift, 1);
            const double width = page_.width_of(text, body_style());
            const double more = page_.width_of(lift, small_style());
            if (x + width + more > right) break;
            Datum datum;
            datum.kind = "expert token";
            datum.layer = tokens_.layer;
            datum.expert = expert.expert;
            datum.group = token.text;
            datum.values = {{"selections", static_cast<double>(token.count)},
                            {"lift", token.lift},
                            {"token id", static_cast<double>(token.id)}};
            page_.add(RectShape{.rect = {x, y, width + more, kChip}, .fill = theme_.background},
                      page_.datum(std::move(datum)));
            page_.text(text, body_style(), theme_.text,
                       {{x, middle}, HAlign::left, VAlign::middle});
            page_.text(lift, small_style(), theme_.muted,
                       {{x + width, middle}, HAlign::left, VAlign::middle});
            x += width + more + 12;
        }
    }

    void draw_share(const ExpertVocabulary& expert, const Rect& bar) {
        double total = 0, most = 0;
        for (const ExpertVocabulary& e : tokens_.vocabulary) {
            total += static_cast<double>(e.selections);
            most = std::max(most, static_cast<double>(e.selections));
        }
        if (!(total > 0)) return;
        const double scale = bar.width / most;
        page_.add(RectShape{
            .rect = {bar.x, bar.y, scale * static_cast<double>(expert.selections), bar.height},
            .fill = theme_.accent});
        const double chance = bar.x + scale * total / tokens_.experts;
        page_.add(
            LineShape{{{chance, bar.y - 3}, {chance, bar.y + bar.height + 3}}, theme_.muted, 0.75});
    }

    const LayerTokens& tokens_;
    const TokensFigureOptions& options_;
    const Theme& theme_;
    Page page_;
    double names_;
};

}  // namespace

Figure tokens_figure(const LayerTokens& tokens, const TokensFigureOptions& options,
                     const Theme& theme, const TextMeter& meter) {
    return TokensPage(tokens, options, theme, meter).draw();
}

}  // namespace alluvium

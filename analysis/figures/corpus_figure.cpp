#include "analysis/figures/corpus_figure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "analysis/figures/colors.h"
#include "analysis/figures/numbers.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 640;
constexpr double kRow = 15;
constexpr double kBar = 10;
constexpr double kLabelRoom = 150;
constexpr double kValueRoom = 92;
constexpr double kKeySwatch = 8;
constexpr double kGap = 22;  // between panels

// "4.2 million", for a sentence.
std::string rounded_text(std::uint64_t amount) {
    const auto value = static_cast<double>(amount);
    if (amount >= 1'000'000'000) return fixed_text(value / 1e9, 1) + " billion";
    if (amount >= 1'000'000) return fixed_text(value / 1e6, 1) + " million";
    return thousands_text(amount);
}

// "10", "1k", "100M": a power of ten at the axis.
std::string decade_text(int exponent) {
    constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
    const int unit = std::min(exponent / 3, 4);
    std::string text = "1";
    text.append(static_cast<std::size_t>(exponent - 3 * unit), '0');
    return text + kUnits[unit];
}

class CorpusPage {
  public:
    CorpusPage(const CorpusStatistics& corpus, const CorpusFigureOptions& options,
               const Theme& theme, const TextMeter& meter)
        : corpus_(corpus),
          options_(options),
          theme_(theme),
          page_("corpus", options.width > 0 ? options.width : kDefaultWidth, theme, meter),
          left_(kMargin + kLabelRoom),
          right_(page_.width() - kMargin - kValueRoom) {}

    Figure draw() && {
        languages_ = totals_by(corpus_, &CorpusRow::language);
        double y = page_.heading(title(), subtitle());
        choose_families();
        y = draw_languages(draw_family_key(y));
        y = draw_shares(y + kGap, "source", totals_by(corpus_, &CorpusRow::source));
        y = draw_shares(y + kGap, "domain", totals_by(corpus_, &CorpusRow::domain));
        return std::move(page_).finish(y + kMargin);
    }

  private:
    std::string unit() const { return corpus_.has_tokens() ? "tokens" : "bytes"; }

    std::string name_of(const std::string& label) const {
        const Language* known =
            options_.languages != nullptr ? options_.languages->find(label) : nullptr;
        if (known != nullptr) return known->name;
        return label.empty() ? "(no language)" : label;
    }

    std::string title() const {
        const std::string amount = rounded_text(corpus_.total.amount()) + " " + unit();
        if (languages_.size() < 2) return amount + " in " + name_of(languages_.front().label);
        const CorpusTotal& most = languages_.front();
        const CorpusTotal& least = languages_.back();
        std::string text = std::to_string(languages_.size()) + " languages, " + amount;
        if (least.count.amount() == 0) return text;
        const double ratio =
            static_cast<double>(most.count.amount()) / static_cast<double>(least.count.amount());
        if (ratio < 1.05) return text + ", equally spread";
        return text + ": " + name_of(most.label) + " has " + number_text(ratio) +
               " times as many as " + name_of(least.label);
    }

    std::string subtitle() const {
        std::string text = thousands_text(corpus_.total.texts) + " texts; " + unit() +
                           " per language on a logarithmic scale";
        if (!options_.tokenizer.empty()) text += "; tokenizer: " + options_.tokenizer;
        return text;
    }

    std::string family_of(const std::string& label) const {
        const Language* known =
            options_.languages != nullptr ? options_.languages->find(label) : nullptr;
        return known == nullptr || known->family.empty() ? "no known family" : known->family;
    }

    // The families with the most languages have colours of their own, the others share the neutral
    // one.
    void choose_families() {
        std::map<std::string, std::size_t> members;
        for (const CorpusTotal& total : languages_) ++members[family_of(total.label)];
        for (const auto& [family, count] : members) families_.push_back(family);
        std::ranges::stable_sort(families_, std::greater<>(),
                                 [&](const std::string& family) { return members[family]; });
        if (families_.size() > kMaxSelected) families_.resize(kMaxSelected);
    }

    Color color_of(const std::string& family) const {
        const auto found = std::ranges::find(families_, family);
        if (found == families_.end()) return neutral_color(theme_);
        return selection_palette(theme_)[static_cast<std::size_t>(found - families_.begin())];
    }

    // Nothing where there is nothing to tell apart.
    double draw_family_key(double top) {
        if (families_.size() < 2) return top;
        std::vector<std::string> names = families_;
        const bool others = std::ranges::any_of(languages_, [&](const CorpusTotal& total) {
            return std::ranges::find(families_, family_of(total.label)) == families_.end();
        });
        if (others) names.emplace_back("other families");
        double x = left_;
        for (const std::string& name : names) {
            const double width = kKeySwatch + 4 + page_.width_of(name, small_style());
            if (x > left_ && x + width > page_.width() - kMargin) {
                x = left_;
                top += kRow;
            }
            page_.add(RectShape{.rect = {x, top + (kRow - kKeySwatch) / 2, kKeySwatch, kKeySwatch},
                                .fill = color_of(name)});
            page_.text(name, small_style(), theme_.muted,
                       {{x + kKeySwatch + 4, top + kRow / 2}, HAlign::left, VAlign::middle});
            x += width + 14;
        }
        return top + kRow + 4;
    }

    // Whole decades around the data, so that every bar has a length.
    void choose_decades() {
        double least = INFINITY, most = 1;
        for (const CorpusTotal& total : languages_) {
            const auto amount =
                static_cast<double>(std::max<std::uint64_t>(total.count.amount(), 1));
            least = std::min(least, amount);
            most = std::max(most, amount);
        }
        low_ = std::max(0, static_cast<int>(std::ceil(std::log10(least))) - 1);
        high_ = std::max(low_ + 1, static_cast<int>(std::ceil(std::log10(most))));
    }

    double x_of(double amount) const {
        const double place = (std::log10(amount) - low_) / (high_ - low_);
        return left_ + std::clamp(place, 0.0, 1.0) * (right_ - left_);
    }

    double draw_languages(double top) {
        choose_decades();
        const double bottom = top + kRow * static_cast<double>(languages_.size());
        for (int exponent = low_; exponent <= high_; ++exponent) {
            const double x = x_of(std::pow(10.0, exponent));
            page_.add(LineShape{{{x, top}, {x, bottom + 3}}, theme_.grid, 0.7});
            page_.text(decade_text(exponent), small_style(), theme_.muted,
                       {{x, bottom + 5}, HAlign::center, VAlign::top});
        }
        for (std::size_t i = 0; i < languages_.size(); ++i) {
            const CorpusTotal& total = languages_[i];
            const std::uint64_t amount = total.count.amount();
            const double end = amount > 0 ? x_of(static_cast<double>(amount)) : left_;
            draw_bar({top + kRow * static_cast<double>(i), end, color_of(family_of(total.label)),
                      name_of(total.label), thousands_text(amount)},
                     page_.datum(datum("language", total)));
        }
        return bottom + 5 + kLeading * kSmallSize;
    }

    double draw_shares(double top, const std::string& kind,
                       const std::vector<CorpusTotal>& totals) {
        if (totals.size() < 2) return top - kGap;
        page_.text("share by " + kind, body_style(true), theme_.text,
                   {{kMargin, top}, HAlign::left, VAlign::top});
        double y = top + kLeading * kBodySize + 3;
        for (const CorpusTotal& total : totals) {
            const double share = share_of(total);
            const std::string name = total.label.empty() ? "(no " + kind + ")" : total.label;
            draw_bar({y, left_ + share * (right_ - left_), neutral_color(theme_), name,
                      percent_text(share)},
                     page_.datum(datum(kind, total)));
            y += kRow;
        }
        return y;
    }

    struct Bar {
        double top = 0;
        double end = 0;  // x
        Color color;
        std::string name, value;
    };

    void draw_bar(const Bar& bar, int datum) {
        const double middle = bar.top + kRow / 2;
        page_.text(shortened(bar.name, body_style(), kLabelRoom - 10, page_.meter()), body_style(),
                   theme_.text, {{left_ - 7, middle}, HAlign::right, VAlign::middle});
        page_.add(
            RectShape{.rect = {left_, middle - kBar / 2, std::max(0.0, bar.end - left_), kBar},
                      .fill = bar.color},
            datum);
        page_.text(bar.value, small_style(), theme_.muted,
                   {{bar.end + 5, middle}, HAlign::left, VAlign::middle});
    }

    double share_of(const CorpusTotal& total) const {
        const auto whole = static_cast<double>(std::max<std::uint64_t>(corpus_.total.amount(), 1));
        return static_cast<double>(total.count.amount()) / whole;
    }

    Datum datum(const std::string& kind, const CorpusTotal& total) const {
        Datum datum;
        datum.kind = kind;
        datum.group = total.label;
        const CorpusCount& count = total.count;
        if (count.tokens) datum.values.push_back({"tokens", static_cast<double>(*count.tokens)});
        datum.values.push_back({"texts", static_cast<double>(count.texts)});
        datum.values.push_back({"characters", static_cast<double>(count.characters)});
        datum.values.push_back({"bytes", static_cast<double>(count.bytes)});
        datum.values.push_back({"share", share_of(total)});
        return datum;
    }

    const CorpusStatistics& corpus_;
    const CorpusFigureOptions& options_;
    Theme theme_;
    Page page_;
    double left_, right_;  // of the bars
    std::vector<CorpusTotal> languages_;
    std::vector<std::string> families_;  // with a colour of their own
    int low_ = 0, high_ = 1;             // decades of the axis
};

}  // namespace

Figure corpus_figure(const CorpusStatistics& corpus, const CorpusFigureOptions& options,
                     const Theme& theme, const TextMeter& meter) {
    return CorpusPage(corpus, options, theme, meter).draw();
}

}  // namespace alluvium

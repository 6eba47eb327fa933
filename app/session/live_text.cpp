#include "app/session/live_text.h"

#include <algorithm>

namespace alluvium {

void LiveText::add(const LiveTokens& tokens) {
    {
        const std::lock_guard lock(mutex_);
        Text& text = texts_[tokens.prompt];
        text.text = tokens.text;
        text.layers = tokens.layers;
        text.tokens.resize(tokens.layers.size());
        for (std::size_t l = 0; l < text.tokens.size(); ++l) {
            text.tokens[l].resize(tokens.first);
            for (std::size_t t = 0; t < tokens.ids.size(); ++t) {
                const auto experts = tokens.experts[l].row(t);
                text.tokens[l].push_back({.id = tokens.ids[t],
                                          .begin = tokens.begin[t],
                                          .end = tokens.end[t],
                                          .experts = {experts.begin(), experts.end()},
                                          .weights = {},
                                          .generated = tokens.first + t >= tokens.of_prompt,
                                          .row = 0});
            }
        }
    }
    if (wake_) wake_();
}

std::vector<std::size_t> LiveText::prompts() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::size_t> rows;
    for (const auto& [prompt, text] : texts_) rows.push_back(prompt);
    return rows;
}

std::optional<TokenStrip> LiveText::strip(std::size_t prompt, int layer) const {
    const std::lock_guard lock(mutex_);
    const auto found = texts_.find(prompt);
    if (found == texts_.end() || found->second.layers.empty()) return std::nullopt;
    const Text& text = found->second;
    const auto wanted = std::find(text.layers.begin(), text.layers.end(), layer);
    const auto at = static_cast<std::size_t>(
        (wanted == text.layers.end() ? text.layers.end() - 1 : wanted) - text.layers.begin());
    return TokenStrip{.prompt = prompt,
                      .layer = text.layers[at],
                      .text = text.text,
                      .language = {},
                      .tokens = text.tokens[at]};
}

}  // namespace alluvium

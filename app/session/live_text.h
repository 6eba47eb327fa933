#pragma once
// Texts that a model is going on with, as far as it has come: filled on the model's thread, read
// by the one that draws.
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/session/token_strip.h"
#include "captures/live_tokens.h"

namespace alluvium {

class LiveText {
  public:
    // `wake` is called after every change.
    explicit LiveText(std::function<void()> wake) : wake_(std::move(wake)) {}

    void add(const LiveTokens& tokens);
    // Rows of the prompt table that have begun, ascending.
    std::vector<std::size_t> prompts() const;
    // A prompt at the routed layer with this number, else at the last one; nothing where it has not
    // begun.
    std::optional<TokenStrip> strip(std::size_t prompt, int layer) const;

  private:
    struct Text {
        std::string text;
        std::vector<LayerId> layers;
        std::vector<std::vector<StripToken>> tokens;  // [layers][tokens]
    };

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::map<std::size_t, Text> texts_;  // by prompt; guarded by mutex_
};

}  // namespace alluvium

#pragma once
// Options of `flow` and `lens`: the prompt that they look into and the token whose prediction it is
// about.
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "model/flow/flow.h"

namespace alluvium {

class TextFlags {
  public:
    // `words` tokens are named for each part unless --words says otherwise.
    void add_to(CLI::App& command, std::size_t words);

    const std::string& text() const { return text_; }
    // `options` with what these flags decide: token, words, BOS.
    FlowOptions parsed(FlowOptions options = {}) const;

  private:
    std::string text_;
    std::string add_bos_ = "auto";
    std::optional<std::uint32_t> token_;
    std::size_t words_ = 0;
};

}  // namespace alluvium

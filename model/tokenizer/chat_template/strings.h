#pragma once
// Python's methods of strings, on text that knows where it is from.
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/tokenizer/chat_template/value.h"

namespace alluvium::jinja {

enum class Side { both, left, right };
// Without the characters of `set` at its ends; without white space where there is no set.
TracedText strip(const TracedText& text, Side side, const TracedText* set = nullptr);

// At most `most` cuts, from the right where `from_right`. An empty list of cuts gives the whole.
List split_at(const TracedText& text, std::string_view separator, std::optional<std::int64_t> most,
              bool from_right);
List split_words(const TracedText& text, std::optional<std::int64_t> most);
List split_lines(const TracedText& text);

// The first `most` occurrences only, where given.
TracedText replace(const TracedText& text, const TracedText& from, const TracedText& to,
                   std::optional<std::int64_t> most);

enum class Case { upper, lower, title, capital };
TracedText in_case(const TracedText& text, Case which);

}  // namespace alluvium::jinja

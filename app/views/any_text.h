#pragma once
#include <optional>
#include <string_view>

#include "app/views/ui.h"

namespace alluvium {

// A line of text in any script, as an item of the current window; at the current font size.
// `language` (BCP 47) picks the forms of CJK; empty: unknown.
void any_text(Ui& ui, std::string_view text, std::string_view language = {},
              std::optional<Color> color = {});

// How wide any_text() is, in pixels.
float any_text_width(Ui& ui, std::string_view text, std::string_view language = {});

// The same, wrapped at the right edge.
void any_paragraph(Ui& ui, std::string_view text, std::string_view language = {},
                   std::optional<Color> color = {});

// A language's name for a person: "French (fr)"; a label that is no known language stays itself.
std::string group_name(const std::string& label);

// Big text.
void headline(Ui& ui, std::string_view text);
// Small muted text, wrapped.
void footnote(Ui& ui, std::string_view text);

// One thing to do next, where there is nothing to show: text and a button in the middle of the
// window. True where it was pressed.
bool empty_state(Ui& ui, const char* what, const char* button);

}  // namespace alluvium

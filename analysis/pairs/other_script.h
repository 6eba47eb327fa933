#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace alluvium {

// `text` in the other script that its language is written in: Serbian (`language` "sr") in Latin
// letters where it is in Cyrillic, and in Cyrillic where it is in Latin; any other language in Latin
// letters, romanised by ICU's Any-Latin. Nothing where that changes no letter.
std::optional<std::string> in_other_script(std::string_view text, std::string_view language);

}  // namespace alluvium

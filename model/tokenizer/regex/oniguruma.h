#pragma once
#include <string>
#include <string_view>

namespace alluvium {

// A pattern in Oniguruma's syntax, which tokenizer files are written in, as the PCRE2 pattern
// (compiled with UTF, UCP and MULTILINE) that matches the same texts. The two differ in the members
// of \s, \w and \p{...}, in \h and \v, in quantifiers after {n,m}, in nested and intersected
// character classes. Groups no longer capture. UserError names a construct that has no translation.
std::string pcre2_from_oniguruma(std::string_view pattern);

}  // namespace alluvium

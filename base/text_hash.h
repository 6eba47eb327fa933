#pragma once
#include <string>
#include <string_view>

namespace alluvium {

// FNV-1a over the bytes, as 16 hex digits: against mix-ups, not against forgery.
std::string text_hash(std::string_view text);

}  // namespace alluvium

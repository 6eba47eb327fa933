#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

namespace alluvium {

using Json = nlohmann::json;

// Parses a JSON file. UserError with file, line and reason where it is missing or malformed.
Json read_json(const std::filesystem::path& path);

// The same for text already read; `source` names it in errors.
Json parse_json(std::string_view text, std::string_view source);

// A JSON number, or null where the value is not finite (NaN and infinity never appear in output).
Json json_number(double value);

}  // namespace alluvium

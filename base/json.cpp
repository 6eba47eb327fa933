#include "base/json.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {

Json read_json(const std::filesystem::path& path) {
    return parse_json(read_file(path), path.string());
}

Json parse_json(std::string_view text, std::string_view source) {
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& e) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size()));
        const auto line = 1 + std::count(text.begin(), end, '\n');
        throw UserError(
            "'" + std::string(source) + "' is not valid JSON (line " + std::to_string(line) + ")",
            "the file may be truncated; fetch it again");
    } catch (const Json::out_of_range&) {
        throw UserError("'" + std::string(source) + "' holds a number that is too large",
                        "the file may be damaged; fetch it again");
    }
}

Json json_number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace alluvium

#pragma once
// Reading one part of a tokenizer's JSON definition, with errors that name the part.
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/tokenizer/regex/regex.h"

namespace alluvium {

// One object of the definition and where it stands ("pre_tokenizer[1]"); both must outlive it.
class DefinitionPart {
  public:
    DefinitionPart(const Json& json, std::string place, int depth = 0)
        : json_(json), place_(std::move(place)), depth_(depth) {}

    const Json& json() const { return json_; }
    const std::string& place() const { return place_; }
    std::string type() const { return string("type"); }

    bool has(std::string_view key) const;
    std::string string(std::string_view key) const;
    bool boolean(std::string_view key, bool otherwise) const;
    std::uint32_t number(std::string_view key, std::uint32_t otherwise) const;
    // Exactly one code point.
    std::uint32_t character(std::string_view key) const;
    // {"String": ...} or {"Regex": ...}
    Regex pattern(std::string_view key) const;

    // The parts of an array under `key`. UserError where parts are nested too deeply.
    std::vector<DefinitionPart> parts(std::string_view key) const;

    // UserErrors: a value of another form than expected; something this program does not do.
    [[noreturn]] void malformed(std::string_view key, std::string_view expected) const;
    [[noreturn]] void unsupported(std::string_view what) const;

  private:
    const Json& value(std::string_view key, std::string_view expected) const;

    const Json& json_;
    std::string place_;
    int depth_;
};

}  // namespace alluvium

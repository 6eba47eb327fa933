#pragma once
// Typed reading of config.json; every error names the file, the key, what was expected and what was
// found.
#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"

namespace alluvium {

class Checkpoint;

class ConfigReader {
  public:
    explicit ConfigReader(const Checkpoint& checkpoint);

    // null counts as absent everywhere but in mentions().
    bool has(const std::string& key) const;
    bool mentions(const std::string& key) const;
    const Json& at(const std::string& key) const;  // null where absent

    // UserError where the key is absent or holds something else.
    std::int64_t count(const std::string& key) const;  // 1 .. 2^31 - 1
    double number(const std::string& key) const;
    std::string text(const std::string& key) const;
    // The same with a default for an absent key.
    std::int64_t count_or(const std::string& key, std::int64_t otherwise) const;
    double number_or(const std::string& key, double otherwise) const;
    bool flag_or(const std::string& key, bool otherwise) const;
    std::string text_or(const std::string& key, const std::string& otherwise) const;

    // Of a nested object ("rope_parameters"); an empty reader where it is absent.
    ConfigReader inside(const std::string& key) const;

    [[noreturn]] void refuse(const std::string& key, const std::string& expected) const;
    const std::string& source() const { return source_; }

  private:
    ConfigReader(const Json& config, std::string source, std::string prefix);

    const Json* config_;
    std::string source_;
    std::string prefix_;
};

}  // namespace alluvium

#include "model/checkpoint/config_reader.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"

namespace alluvium {
namespace {

const Json kNull;

}  // namespace

ConfigReader::ConfigReader(const Checkpoint& checkpoint)
    : ConfigReader(checkpoint.config(), checkpoint.config_path().string(), "") {}

ConfigReader::ConfigReader(const Json& config, std::string source, std::string prefix)
    : config_(&config), source_(std::move(source)), prefix_(std::move(prefix)) {}

const Json& ConfigReader::at(const std::string& key) const {
    if (!config_->is_object()) return kNull;
    const auto found = config_->find(key);
    return found == config_->end() ? kNull : *found;
}

bool ConfigReader::has(const std::string& key) const {
    return !at(key).is_null();
}

bool ConfigReader::mentions(const std::string& key) const {
    return config_->is_object() && config_->contains(key);
}

void ConfigReader::refuse(const std::string& key, const std::string& expected) const {
    const std::string found = has(key) ? "found " + at(key).dump() : "it is absent";
    throw UserError("'" + source_ + "': key '" + prefix_ + key + "' must be " + expected + ", " +
                    found);
}

std::int64_t ConfigReader::count(const std::string& key) const {
    const Json& value = at(key);
    if (!value.is_number_integer() || value < 1 ||
        value > std::numeric_limits<std::int32_t>::max()) {
        refuse(key, "a positive whole number");
    }
    return value.get<std::int64_t>();
}

double ConfigReader::number(const std::string& key) const {
    if (!at(key).is_number()) refuse(key, "a number");
    return at(key).get<double>();
}

std::string ConfigReader::text(const std::string& key) const {
    if (!at(key).is_string()) refuse(key, "a text");
    return at(key).get<std::string>();
}

std::int64_t ConfigReader::count_or(const std::string& key, std::int64_t otherwise) const {
    return has(key) ? count(key) : otherwise;
}

double ConfigReader::number_or(const std::string& key, double otherwise) const {
    return has(key) ? number(key) : otherwise;
}

bool ConfigReader::flag_or(const std::string& key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!at(key).is_boolean()) refuse(key, "true or false");
    return at(key).get<bool>();
}

std::string ConfigReader::text_or(const std::string& key, const std::string& otherwise) const {
    return has(key) ? text(key) : otherwise;
}

ConfigReader ConfigReader::inside(const std::string& key) const {
    if (has(key) && !at(key).is_object()) refuse(key, "an object");
    return {at(key), source_, prefix_ + key + "."};
}

}  // namespace alluvium

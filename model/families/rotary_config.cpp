#include "model/families/rotary_config.h"

#include <cmath>

#include "base/error.h"

namespace alluvium {
namespace {

double positive(const ConfigReader& reader, const std::string& key) {
    const double value = reader.number(key);
    if (!(value > 0)) reader.refuse(key, "a positive number");
    return value;
}

// The length a model was first trained on. Where the config and its scaling both give one, the
// config's counts.
double original_length(const ConfigReader& config, const ConfigReader& scaling) {
    const std::string key = "original_max_position_embeddings";
    if (config.has(key)) return positive(config, key);
    if (scaling.has(key)) return positive(scaling, key);
    return positive(config, "max_position_embeddings");
}

double factor_or_ratio(const ConfigReader& config, const ConfigReader& scaling, double original) {
    if (scaling.has("factor")) return positive(scaling, "factor");
    return positive(config, "max_position_embeddings") / original;
}

void read_yarn(const ConfigReader& config, const ConfigReader& scaling, RotarySpec& rotary) {
    YarnScaling yarn;
    yarn.original = original_length(config, scaling);
    yarn.factor = factor_or_ratio(config, scaling, yarn.original);
    yarn.beta_fast = scaling.number_or("beta_fast", 32);
    yarn.beta_slow = scaling.number_or("beta_slow", 1);
    yarn.truncate = scaling.flag_or("truncate", true);
    rotary.scaling = yarn;
    const double weight = scaling.number_or("mscale", 0);
    const double shared = scaling.number_or("mscale_all_dim", 0);
    const double usual = weight != 0 && shared != 0 ? yarn_sharpening(yarn.factor, weight) /
                                                          yarn_sharpening(yarn.factor, shared)
                                                    : yarn_sharpening(yarn.factor);
    rotary.magnitude = scaling.number_or("attention_factor", usual);
}

Llama3Scaling read_llama3(const ConfigReader& config, const ConfigReader& scaling) {
    return {.factor = positive(scaling, "factor"),
            .low = positive(scaling, "low_freq_factor"),
            .high = positive(scaling, "high_freq_factor"),
            .original = original_length(config, scaling)};
}

std::vector<double> read_factors(const ConfigReader& scaling, const std::string& key,
                                 std::size_t pairs) {
    const Json& list = scaling.at(key);
    const std::string expected = "a list of " + std::to_string(pairs) + " numbers";
    if (!list.is_array() || list.size() != pairs) scaling.refuse(key, expected);
    std::vector<double> factors;
    for (const Json& value : list) {
        if (!value.is_number()) scaling.refuse(key, expected);
        factors.push_back(value.get<double>());
    }
    return factors;
}

LongScaling read_long(const ConfigReader& config, const ConfigReader& scaling, std::size_t pairs) {
    LongScaling result;
    result.original = original_length(config, scaling);
    result.short_factors = read_factors(scaling, "short_factor", pairs);
    result.long_factors = read_factors(scaling, "long_factor", pairs);
    const double factor = factor_or_ratio(config, scaling, result.original);
    const double usual =
        factor <= 1 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(result.original));
    const double magnitude = scaling.number_or("attention_factor", usual);
    result.short_magnitude = scaling.number_or("short_mscale", magnitude);
    result.long_magnitude = scaling.number_or("long_mscale", magnitude);
    return result;
}

void read_scaling(const ConfigReader& config, std::size_t pairs, RotarySpec& rotary) {
    const ConfigReader scaling = rotary_scaling(config);
    const std::string type = scaling.text_or("rope_type", scaling.text_or("type", "default"));
    if (type == "default") return;
    if (type == "linear") {
        rotary.scaling = LinearScaling{positive(scaling, "factor")};
    } else if (type == "dynamic" && scaling.has("alpha")) {
        // Hunyuan: another base, whatever the length.
        const auto dims = static_cast<double>(2 * pairs);
        rotary.theta *= std::pow(positive(scaling, "alpha"), dims / (dims - 2));
    } else if (type == "dynamic") {
        rotary.scaling = DynamicScaling{positive(scaling, "factor"),
                                        positive(config, "max_position_embeddings")};
    } else if (type == "yarn") {
        read_yarn(config, scaling, rotary);
    } else if (type == "llama3") {
        rotary.scaling = read_llama3(config, scaling);
    } else if (type == "longrope") {
        rotary.scaling = read_long(config, scaling, pairs);
    } else {
        throw UserError("'" + config.source() + "': rotary scaling '" + type + "' is not supported",
                        "supported: default (none), linear, dynamic, yarn, llama3, longrope");
    }
}

}  // namespace

ConfigReader rotary_scaling(const ConfigReader& config) {
    return config.inside(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
}

double yarn_sharpening(double factor, double weight) {
    return factor <= 1 ? 1.0 : 0.1 * weight * std::log(factor) + 1.0;
}

RotarySpec read_rotary(const ConfigReader& config, std::int64_t head_dim,
                       const RotaryDefaults& defaults) {
    // Newer library versions write both numbers beside the scaling's.
    const ConfigReader newer = config.inside("rope_parameters");
    const auto number = [&](const std::string& key, double otherwise) {
        return newer.number_or(key, config.number_or(key, otherwise));
    };
    RotarySpec rotary;
    rotary.theta = number("rope_theta", defaults.theta);
    if (!(rotary.theta > 0)) config.refuse("rope_theta", "a positive number");
    const double part = number("partial_rotary_factor", defaults.part);
    if (!(part > 0 && part <= 1)) config.refuse("partial_rotary_factor", "above 0 and at most 1");
    const auto dims = static_cast<std::int64_t>(static_cast<double>(head_dim) * part);
    if (dims < 2 || dims % 2 != 0) {
        throw UserError("'" + config.source() + "': " + std::to_string(dims) + " of the " +
                        std::to_string(head_dim) +
                        " dimensions of a head cannot be rotated in pairs");
    }
    rotary.dims = dims == head_dim ? 0 : dims;
    read_scaling(config, static_cast<std::size_t>(dims / 2), rotary);
    return rotary;
}

}  // namespace alluvium

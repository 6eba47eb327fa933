#pragma once
#include "model/checkpoint/config_reader.h"
#include "model/families/rotary_spec.h"

namespace alluvium {

// What a family means where its config says nothing.
struct RotaryDefaults {
    double theta = 10000;
    double part = 1;  // of a head that is rotated
};

// Reads rope_theta, partial_rotary_factor and rope_scaling as the hub writes them, or
// rope_parameters as newer library versions do. UserError where the scaling is none of those
// supported (which are listed) or lacks a key.
RotarySpec read_rotary(const ConfigReader& config, std::int64_t head_dim,
                       const RotaryDefaults& defaults = {});

// The object with the scaling's keys; empty where there is none.
ConfigReader rotary_scaling(const ConfigReader& config);

// 0.1 weight ln(factor) + 1: how YaRN sharpens attention over a longer context (1 up to factor 1).
double yarn_sharpening(double factor, double weight = 1);

}  // namespace alluvium

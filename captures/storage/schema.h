#pragma once
// Names and types on disk, format version 1. docs/trace_format.md is the same in prose.
#include <cstdint>
#include <string>
#include <vector>

#include "captures/hdf5/numbers.h"
#include "captures/trace_writer.h"

namespace alluvium::schema {

inline constexpr const char* kFormat = "alluvium-trace";
// Raise it when a reader of the older version would misread a file, keep reading every older one,
// and commit a small file of the older version for the tests.
inline constexpr std::int64_t kVersion = 1;

// "layers/022": the true decoder layer.
std::string layer_group(LayerId layer);
// "hidden/022", and "hidden/embedding" for -1.
std::string hidden_path(LayerId layer);
// The same below "stream_mean".
std::string stream_mean_path(LayerId layer);
// The inverse, for either; UserError-free: nothing where the name is no layer.
std::optional<LayerId> parse_layer(const std::string& name);

// A column of the prompt file as a link name, which may hold neither '/' nor be '.'.
std::string encode_column(const std::string& name);
std::string decode_column(const std::string& link);

// One byte holds 255 experts and the all-ones value for a missing one.
hdf5::NumberType expert_type(std::uint32_t experts);
hdf5::NumberType float_type(Precision precision);

// An array whose space is reserved when the file is made and whose rows are written afterwards.
struct Field {
    std::string path;
    hdf5::NumberType type = hdf5::NumberType::u8;
    hdf5::Shape shape;
    std::uint64_t offset = 0;  // in the file, once it is made
    bool text = false;         // strings of shape.back() bytes each instead of numbers

    std::uint64_t elements() const;
    std::uint64_t bytes() const { return elements() * hdf5::byte_size(type); }
    // Bytes of one row of a [rows, ...] array; of one row of one draw for [R, rows, ...].
    std::uint64_t row_elements() const { return shape.size() < 2 ? 1 : shape.back(); }
};

// Fields of one routed layer; those that are not recorded have an empty path.
struct LayerFields {
    Field expert, weight, logit, margin, random_expert, count, weight_sum;
};

// Every field that is written after the file is made.
struct Fields {
    Field done, token_id, phase;
    Field generated, byte_begin, byte_end;  // where rows are reserved for generation
    std::vector<LayerFields> layers;
    std::map<LayerId, Field> hidden;
    std::map<LayerId, Field> stream_means;
    Field output_logit, nll;

    // Those that are recorded, in the order of their names.
    std::vector<Field*> recorded();
};

Fields plan_fields(const TraceLayout& layout);

}  // namespace alluvium::schema

#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// What a safetensors header says of one tensor, not checked. A field that is absent or of another
// kind is empty.
struct SafetensorsEntry {
    std::string name;
    bool is_object = false;
    std::optional<std::string> dtype;
    std::optional<std::vector<std::uint64_t>> shape;
    std::string no_size;  // a value in the shape that is no count; empty: none
    std::optional<std::vector<std::uint64_t>> offsets;
};

// In the header's order, without "__metadata__". Nothing where the text is no JSON object. Entries
// are read as they come: tens of thousands of them are not built up as a tree first.
std::optional<std::vector<SafetensorsEntry>> read_safetensors_entries(std::string_view header);

}  // namespace alluvium

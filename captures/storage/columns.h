#pragma once
// Columns small enough to be read whole: those of the prompts and of count groups.
#include <optional>
#include <string>
#include <vector>

#include "captures/hdf5/file.h"
#include "captures/hdf5/numbers.h"
#include "captures/routing_trace.h"
#include "captures/storage/decode.h"

namespace alluvium {

// One-dimensional numbers of any integer width; nothing where the dataset is absent.
template <typename T>
std::optional<std::vector<T>> read_column(const hdf5::Handle& file, const std::string& path) {
    if (!hdf5::exists(file, path)) return std::nullopt;
    const hdf5::NumberArray array = hdf5::describe_numbers(file, path);
    if (array.shape.size() != 1) throw hdf5::Error("'" + path + "' is no column");
    std::vector<std::byte> bytes(array.bytes());
    const std::array<hsize_t, 1> start{0};
    const std::array<hsize_t, 1> count{array.shape[0]};
    hdf5::read_block(file, array, start, count, bytes);
    std::vector<T> column(array.elements());
    decode(array.type, bytes, std::span(column));
    return column;
}

// Columns that the file lacks are filled in as the format says; `done` defaults to 1, a file that
// knows no unfinished prompts. UserError where a column has another length than the others.
PromptTable read_prompts(const hdf5::Handle& file, const std::string& path);

}  // namespace alluvium

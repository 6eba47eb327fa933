#pragma once
// The file of a trace before its first row: every attribute, every column that is known, and the
// space of every other array.
#include <string>

#include "captures/storage/schema.h"

namespace alluvium {

// Writes a new file at `path` (replacing what is there), reserves its blocks and returns where its
// fields lie. `layout` is complete (complete_columns). RunError where the space cannot be had or
// the file cannot be written.
schema::Fields write_skeleton(const std::string& path, const TraceLayout& layout);

// The fields of an existing file. UserError where one of them is absent or has another type or
// shape than `layout` asks for.
schema::Fields find_fields(const std::string& path, const TraceLayout& layout);

}  // namespace alluvium

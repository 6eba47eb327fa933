#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "captures/trace_writer.h"

namespace alluvium {

// Whether the capture in `path` is the one that `layout` describes: the same prompts and tokens,
// checkpoint, data type and options. UserError names the first difference. Returns which prompts
// are done.
std::vector<std::uint8_t> check_resumable(const std::string& path, const TraceLayout& layout);

}  // namespace alluvium

#pragma once
#include <string_view>

#include "model/tokenizer/pipeline_parts.h"

namespace alluvium {

// Whether `content` has the form of a tiktoken file: a token in base64, a space and its rank on
// every line.
bool looks_like_tiktoken(std::string_view content);

// From the content of a tiktoken file. Such a file says nothing about how text is cut into words:
// `encoding` names the published pattern (r50k, p50k, cl100k, o200k, llama3). UserError where the
// file is malformed or the encoding unknown.
PipelineParts parts_from_tiktoken(std::string_view content, std::string_view encoding);

}  // namespace alluvium

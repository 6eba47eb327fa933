#pragma once
// What every way into a trace has in common: columns that may be left out are filled in, and sizes
// that disagree are refused.
#include "captures/trace_data.h"

namespace alluvium {

// Prompts: id, texts and labels default to the row's number and to nothing, first_token follows
// from token_count, done is 1. Tokens: prompt and position follow from the prompts, byte offsets,
// phase and special are 0. header.token_count may be 0 for "as many as token ids". UserError names
// the field whose size disagrees.
void complete_columns(TraceHeader& header, TokenTable& tokens);

// UserError names the first array of `data` that does not have the shape that `header`, complete,
// says; data.header is not looked at.
void check_sizes(const TraceHeader& header, const TraceData& data);

// Sets what `header` says about recorded fields from what `data` holds.
void set_flags(TraceHeader& header, const TraceData& data);

}  // namespace alluvium

#pragma once
#include <string>
#include <vector>

#include "captures/trace_writer.h"
#include "model/capture/capture.h"
#include "model/capture/token_rows.h"

namespace alluvium {

// Which fields a model can give of those asked for; what is skipped is said in `notes`. UserError
// where nothing is left to record.
RecordFields available_fields(const RecordFields& wanted, const Model& model,
                              std::vector<std::string>& notes);

// The trace file's layout for these rows: sizes, model, provenance.
TraceLayout trace_layout(const Engine& engine, TokenRows rows, const RecordFields& fields,
                         const CaptureOptions& options, const std::string& prompt_hash);

}  // namespace alluvium

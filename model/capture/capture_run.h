#pragma once
#include <optional>
#include <span>
#include <string>

#include "captures/trace_writer.h"
#include "model/capture/capture.h"
#include "model/capture/recorder.h"
#include "model/capture/token_rows.h"
#include "model/forward/forward_pass.h"

namespace alluvium {

struct BatchPrompts;

// Takes the prompts of a layout through a model, batch by batch. Where the model is streamed, as
// many batches as the budget holds go through a layer before the next one is read: each batch is
// computed as it would be alone, so that the trace does not show it. What it is given must outlive
// it.
class CaptureRun {
  public:
    // UserError where the options do not suit the model.
    CaptureRun(const Engine& engine, const TraceLayout& layout, const RecordFields& fields,
               const CaptureOptions& options, Progress& progress);

    // Into `path`; what was run is added to the summary. UserError where the memory budget does not
    // hold a batch; otherwise as capture().
    void run(const std::string& path, CaptureSummary& summary);

  private:
    void run_chunk(std::span<const PromptRange> ranges, CaptureSummary& summary);
    void generate(const BatchPrompts& batch, CaptureSummary& summary);
    void finish(std::span<const PromptRange> ranges, std::uint64_t counted);
    Recorder recorder();

    const Engine& engine_;
    const TraceLayout& layout_;
    const RecordFields& fields_;
    const CaptureOptions& options_;
    Progress& progress_;
    ForwardPass forward_;
    std::size_t routed_layers_;
    std::optional<TraceWriter> writer_;
};

}  // namespace alluvium

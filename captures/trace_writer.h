#pragma once
// Streams a capture to disk. The file is created whole, with every size known, before the first
// row is written; after that no HDF5 metadata ever changes, so a killed capture leaves a file that
// opens and holds every row whose prompt is marked done. docs/trace_format.md says why.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "captures/routing_trace.h"
#include "captures/trace_data.h"

namespace alluvium {

// Everything that must be known before the first forward pass. The header's prompts carry
// first_token and token_count; `done` is ignored (all 0 at the start).
struct TraceLayout {
    TraceHeader header;
    TokenTable tokens;
    Precision precision = Precision::f16;
    bool output_logits = false;  // [T, V]: large
    bool next_token_nll = false;
};

class TraceWriter {
  public:
    // UserError where `path` exists and `overwrite` is false; RunError where the disk is too small
    // (found here, before the run, because the space is reserved).
    static TraceWriter create(const std::string& path, const TraceLayout& layout, bool overwrite);
    // Reopens a capture for the prompts not yet done. UserError where the file was made from other
    // prompts, another checkpoint or other options than `layout`.
    static TraceWriter resume(const std::string& path, const TraceLayout& layout);

    TraceWriter(TraceWriter&&) noexcept;
    TraceWriter& operator=(TraceWriter&&) noexcept;
    ~TraceWriter();  // syncs what was written

    // Which prompts are already on disk.
    std::span<const std::uint8_t> done() const;

    // Rows [first, first + n) of routed layer `routed`, where n follows from the span's size.
    // Fields that the layout does not record must not be passed.
    void write_experts(std::size_t routed, TokenPos first, std::span<const ExpertId> rows);
    void write_weights(std::size_t routed, TokenPos first, std::span<const float> rows);
    void write_logits(std::size_t routed, TokenPos first, std::span<const float> rows);
    void write_margin(std::size_t routed, TokenPos first, std::span<const float> rows);
    void write_random_experts(std::size_t routed, std::uint32_t draw, TokenPos first,
                              std::span<const ExpertId> rows);
    void write_hidden(LayerId layer, TokenPos first, std::span<const float> rows);
    void write_output_logits(TokenPos first, std::span<const float> rows);
    void write_nll(TokenPos first, std::span<const float> rows);

    // Marks prompts [first, first + count) done; their rows must have been written. Data reach the
    // disk before the mark does, at least every 5 seconds.
    void finish_prompts(std::size_t first, std::size_t count);
    // Forces everything to disk.
    void sync();

  private:
    struct Impl;
    explicit TraceWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace alluvium

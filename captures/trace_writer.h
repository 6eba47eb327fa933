#pragma once
// Streams a capture to disk. The file is created whole, with every size known, before the first
// row is written; after that no HDF5 metadata ever changes, so a killed capture leaves a file that
// opens and holds every row whose prompt is marked done. docs/trace_format.md says why.
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "captures/routing_trace.h"
#include "captures/trace_data.h"

namespace alluvium {

// Everything that must be known before the first forward pass. The header's prompts carry
// first_token and token_count; `done` is ignored (all 0 at the start). Columns that may be left out
// are completed as make_trace() does. Rows reserved for generation have phase kPhaseUnused and id
// 0xffffffff. provenance["options_json"], where given, holds the options that decide what is
// recorded and how it is computed: resume() refuses a file with others.
struct TraceLayout {
    TraceHeader header;
    TokenTable tokens;
    Precision precision = Precision::f16;
    std::vector<LayerId> mean_layers{};  // of captures/stream_means.h; -1: the embedding
    bool output_logits = false;          // [T, V]: large
    bool next_token_nll = false;
    // How often finished prompts are synced and marked; at most 5 s may be lost with the power.
    std::chrono::milliseconds sync_interval{500};
};

// Not thread safe: one thread writes. A thread of the writer's own waits for the disk.
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

    // Which prompts are finished: 1 for those that were on disk when the file was opened and those
    // passed to finish_prompts() since.
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
    // Rows of prompts [first, first + n); NaN where a prompt has no text token.
    void write_stream_means(LayerId layer, std::size_t first, std::span<const float> rows);
    void write_output_logits(TokenPos first, std::span<const float> rows);
    void write_nll(TokenPos first, std::span<const float> rows);

    // Fills reserved rows: token ids, phase kPhaseGenerated. Rows that stay reserved are made
    // missing in every field when their prompt is finished.
    void write_generated(TokenPos first, std::span<const std::uint32_t> ids);

    // What was generated behind a prompt, and where in it the tokens from row `first` on stand:
    // bytes of `text`. Of rows that were reserved; `text` has at most kBytesOfGeneratedToken bytes
    // for each row reserved (captures/generated_text.h).
    void write_generated_text(std::size_t prompt, std::string_view text, TokenPos first,
                              std::span<const std::uint32_t> begin,
                              std::span<const std::uint32_t> end);

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

#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "captures/live_tokens.h"
#include "captures/trace_writer.h"
#include "model/capture/batch_prompts.h"
#include "model/capture/recorder.h"
#include "model/capture/streamed_text.h"
#include "model/capture/token_rows.h"
#include "model/forward/greedy_decoder.h"

namespace alluvium {

// How texts are gone on with.
struct Generation {
    std::uint32_t most = 0;                // tokens behind each prompt
    std::int64_t eos = -1;                 // ends a text and has no row; -1: none
    const Tokenizer* tokenizer = nullptr;  // null: what is said has no text
    bool nll = false;                      // is recorded
    LiveObserver live;                     // may be empty
};

// The prompts of a batch while they are gone on with: greedy tokens, every one of which runs
// through the model, too. What it is given must outlive it.
class GeneratingBatch {
  public:
    GeneratingBatch(const BatchPrompts& prompts, const TraceLayout& layout,
                    const Generation& generation, Recorder& recorder, TraceWriter& writer);

    // Returns how many tokens were generated.
    std::uint64_t run(const ForwardPass& forward, const Progress& progress);

  private:
    void begin_step(const GreedyDecoder& decoder, bool first);
    bool goes_on(std::size_t prompt, std::int64_t next, std::uint32_t step);
    void show(const GreedyDecoder& decoder) const;
    LiveTokens live_tokens(const TokenBatch& batch, std::size_t i, std::size_t prompt) const;
    std::pair<std::uint32_t, std::uint32_t> place(std::size_t prompt, std::size_t position) const;
    const std::string& text_of(std::size_t prompt) const;
    void write_texts();

    const BatchPrompts& prompts_;
    const TraceLayout& layout_;
    const Generation& generation_;
    Recorder& recorder_;
    TraceWriter& writer_;
    std::vector<StreamedText> texts_;  // of the prompts; empty without a tokenizer
    std::uint64_t generated_ = 0;
};

}  // namespace alluvium

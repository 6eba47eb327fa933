#pragma once
// Runs prompts through a checkpoint and streams every routing decision to a trace file.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/live_tokens.h"
#include "captures/prompt_file.h"
#include "captures/trace_data.h"
#include "model/capture/engine.h"
#include "model/forward/routing_edit.h"
#include "model/tokenizer/chat_template/chat_template.h"

namespace alluvium {

struct RecordFields {
    bool experts = true, weights = true, logits = true;
    bool means = false, hidden = false, output = false, nll = false;

    bool router() const { return experts || weights || logits; }
    bool any() const { return router() || means || hidden || output || nll; }
};

// "experts,weights,logits,means,hidden,output,nll" in any order. UserError names the unknown field.
RecordFields parse_record_fields(const std::string& list);

struct CaptureOptions {
    RecordFields record;
    Precision precision = Precision::f16;  // of stored floats
    std::uint64_t batch_tokens = 0;        // 0: 2048, or 512 where final logits are computed
    AddBos add_bos = AddBos::automatic;
    std::optional<std::uint32_t> max_tokens;
    std::uint32_t generate = 0;  // greedy tokens behind each prompt, as far as the text goes on
    LiveObserver live{};         // of generated texts; empty: nobody watches
    std::uint32_t random_routers = 0;  // redrawn routers whose choices are recorded too
    bool resume = false;
    bool overwrite = false;
    bool batch_invariant = false;
    std::shared_ptr<const RoutingEdit> edit{};  // a change of the routing; null: none
    std::string edit_words;                     // what it changes, for /provenance
    std::optional<ChatFrame>
        chat{};                   // prompts as messages in the chat template; add_bos is then its
    std::string command;          // for /provenance
    std::string prompt_set_name;  // what verdicts call the prompts; may be empty
};

struct CaptureSummary {
    std::uint64_t prompts = 0;
    std::uint64_t prompts_run = 0;  // fewer where a capture was resumed
    std::uint64_t tokens = 0;
    std::uint64_t generated = 0;  // of these, in this call
    std::uint64_t truncated = 0;  // prompts cut at max_tokens
    std::uint64_t ties = 0;       // routing decisions whose margin was exactly 0
    std::vector<std::string> notes;
};

// Progress counts tokens. Throws Cancelled after what was finished is safely on disk; UserError and
// RunError as TraceWriter and ForwardPass say.
CaptureSummary capture(const Engine& engine, const std::vector<Prompt>& prompts,
                       const std::string& path, const CaptureOptions& options, Progress& progress);

}  // namespace alluvium

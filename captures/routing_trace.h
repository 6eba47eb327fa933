#pragma once
// The routing of one checkpoint on one set of prompts, read-only, whatever file it came from.
//
// A trace is opened in milliseconds and read in blocks: nothing here holds all its tokens at once.
// Every method is const and safe to call from several threads.
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/grid.h"
#include "base/ids.h"

namespace alluvium {

enum class TraceKind {
    tokens,  // one row per token
    counts,  // imported aggregates: per group and expert, no prompts and no tokens
};

// What ran, as far as the file says. Empty string or 0: the file does not say.
struct ModelInfo {
    std::string name;
    std::string checkpoint_id;
    std::string family;
    std::int64_t layer_count = 0;  // decoder layers, dense ones included
    std::int64_t hidden_size = 0;
    std::int64_t vocab_size = 0;
    std::string config_json;
    std::string router_json;
    std::string tokenizer_id;
    std::string dtype;  // of the computation
    std::string device;
    std::string engine;
    std::string lineage;
    std::vector<std::string> expert_labels;  // language or family of each expert; may be empty
};

// One decoder layer that has a router.
struct RoutedLayerInfo {
    LayerId layer = 0;
    std::uint32_t experts = 0;
    std::uint32_t top_k = 0;
    std::uint32_t shared_experts = 0;
    std::string rule{};
    bool has_experts = true;
    bool has_weights = false;
    bool has_logits = false;
    bool has_margin = false;
    std::uint32_t random_routers = 0;  // redrawn routers whose choices are stored
};

// Columns over prompts. `extra` holds every further column of the prompt file.
struct PromptTable {
    std::vector<std::string> id, text, language, group, domain;
    std::map<std::string, std::vector<std::string>> extra;
    std::vector<TokenPos> first_token;
    std::vector<std::uint32_t> token_count;
    std::vector<std::uint8_t> truncated;  // 1: cut at --max-tokens
    std::vector<std::uint8_t> done;       // 0: its rows are missing, whatever they hold

    std::size_t size() const { return id.size(); }
};

inline constexpr std::uint8_t kPhasePrompt = 0;
inline constexpr std::uint8_t kPhaseGenerated = 1;
inline constexpr std::uint8_t kPhaseUnused = 255;  // reserved for generation, never used

// Columns over a range of tokens. Byte offsets are into the prompt's text.
struct TokenTable {
    std::vector<std::uint32_t> id, prompt, position, byte_begin, byte_end;
    std::vector<std::uint8_t> phase;
    std::vector<std::uint8_t> special;  // 1: added by the template or tokenizer, not of the text

    std::size_t size() const { return id.size(); }
};

// kind == counts: aggregates of one routed layer. Shapes [groups, experts].
struct LayerCounts {
    Grid<std::uint64_t> count;
    Grid<double> weight_sum;  // empty where the source has no weights
};

struct CountGroups {
    std::vector<std::string> label;
    std::vector<std::uint64_t> tokens;
};

// Everything about a trace that is small.
struct TraceHeader {
    TraceKind kind = TraceKind::tokens;
    std::string path;  // empty: in memory only
    std::uint32_t format_version = 1;
    std::string writer;
    std::string created_utc;
    ModelInfo model;
    PromptTable prompts;
    CountGroups groups;  // kind == counts
    std::vector<RoutedLayerInfo> layers;
    TokenPos token_count = 0;
    std::vector<LayerId> hidden_layers;  // layers whose residual stream is stored; -1: embedding
    bool has_output_logits = false;
    bool has_nll = false;
    std::map<std::string, std::string> provenance;
    std::vector<std::string> warnings;  // what the reader found wrong and marked missing
};

class RoutingTrace {
  public:
    explicit RoutingTrace(TraceHeader header) : header_(std::move(header)) {}
    virtual ~RoutingTrace() = default;
    RoutingTrace(const RoutingTrace&) = delete;
    RoutingTrace& operator=(const RoutingTrace&) = delete;

    const TraceHeader& header() const { return header_; }
    std::span<const RoutedLayerInfo> layers() const { return header_.layers; }

    // `routed` is the index into layers(), not the decoder layer's number. All arrays have
    // range.size() rows; RunError where the file cannot be read.
    virtual TokenTable tokens(TokenRange range) const = 0;
    // [rows, top_k], best first. Rows that are not done, or that hold an id >= experts or the same
    // expert twice, are kMissingExpert throughout.
    virtual Grid<ExpertId> experts(std::size_t routed, TokenRange range) const = 0;
    // [rows, top_k], as applied; NaN where missing.
    virtual Grid<float> weights(std::size_t routed, TokenRange range) const = 0;
    // [rows, experts], raw router output; NaN where missing.
    virtual Grid<float> logits(std::size_t routed, TokenRange range) const = 0;
    // [rows]; k-th minus (k+1)-th selection score; NaN where missing.
    virtual std::vector<float> margin(std::size_t routed, TokenRange range) const = 0;
    // [rows, top_k] of redrawn router `draw`.
    virtual Grid<ExpertId> random_experts(std::size_t routed, std::uint32_t draw,
                                          TokenRange range) const = 0;
    // [rows, hidden_size] after decoder layer `layer`; -1: the embedding.
    virtual Grid<float> hidden(LayerId layer, TokenRange range) const = 0;
    // [rows]; NaN where missing and at the last token of a prompt.
    virtual std::vector<float> next_token_nll(TokenRange range) const = 0;
    // [rows, vocab_size]; only of a file, where header().has_output_logits.
    virtual Grid<float> output_logits(TokenRange range) const {
        return Grid<float>(range.size(), 0);
    }
    // kind == counts only.
    virtual LayerCounts counts(std::size_t routed) const = 0;

  private:
    TraceHeader header_;
};

using TracePtr = std::shared_ptr<const RoutingTrace>;

// Opens a trace of any supported version. UserError names what is wrong with the file.
TracePtr open_trace(const std::string& path);

}  // namespace alluvium

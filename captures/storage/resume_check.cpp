#include "captures/storage/resume_check.h"

#include <algorithm>

#include "base/error.h"
#include "captures/generated_text.h"
#include "captures/stream_means.h"

namespace alluvium {
namespace {

// Rows compared at a time.
constexpr TokenPos kBlock = 1 << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& difference) {
    throw UserError("'" + path + "' cannot be resumed: " + difference,
                    "resume with the checkpoint, prompts and options it was started with, or give "
                    "--overwrite to start again");
}

std::span<const LayerId> mean_layers(const RoutingTrace& trace) {
    const StreamMeans* means = stream_means(trace);
    return means == nullptr ? std::span<const LayerId>() : means->mean_layers();
}

class Comparison {
  public:
    Comparison(const RoutingTrace& trace, const TraceLayout& layout)
        : trace_(trace), layout_(layout), path_(trace.header().path) {}

    void run() const {
        compare_model();
        compare_prompts();
        compare_tokens();
        compare_layers();
    }

  private:
    void expect_same(const std::string& what, const std::string& in_file,
                     const std::string& now) const {
        if (in_file != now) refuse(path_, what + " was '" + in_file + "' and is now '" + now + "'");
    }

    void compare_model() const {
        const ModelInfo& in_file = trace_.header().model;
        const ModelInfo& now = layout_.header.model;
        expect_same("the checkpoint's id", in_file.checkpoint_id, now.checkpoint_id);
        expect_same("the computation's dtype", in_file.dtype, now.dtype);
        const auto option = [](const TraceHeader& header) {
            const auto found = header.provenance.find("options_json");
            return found == header.provenance.end() ? std::string() : found->second;
        };
        expect_same("the options", option(trace_.header()), option(layout_.header));
    }

    template <typename T>
    void compare_column(const std::string& name, const std::vector<T>& in_file,
                        const std::vector<T>& now) const {
        for (std::size_t p = 0; p < now.size(); ++p) {
            if (in_file[p] != now[p]) {
                refuse(path_, "prompt " + std::to_string(p + 1) + " ('" +
                                  layout_.header.prompts.id[p] + "') has another " + name);
            }
        }
    }

    void compare_prompts() const {
        const PromptTable& in_file = trace_.header().prompts;
        const PromptTable& now = layout_.header.prompts;
        if (in_file.size() != now.size()) {
            refuse(path_, "it has " + std::to_string(in_file.size()) + " prompts, not " +
                              std::to_string(now.size()));
        }
        compare_column("id", in_file.id, now.id);
        compare_column("text", in_file.text, now.text);
        compare_column("language", in_file.language, now.language);
        compare_column("group", in_file.group, now.group);
        compare_column("domain", in_file.domain, now.domain);
        compare_column("first token", in_file.first_token, now.first_token);
        compare_column("number of tokens", in_file.token_count, now.token_count);
        auto extra = in_file.extra;
        // A result, not a given.
        if (!now.extra.contains(kGeneratedColumn)) extra.erase(kGeneratedColumn);
        if (extra != now.extra) refuse(path_, "the prompts have other further columns");
    }

    void compare_tokens() const {
        const TokenPos rows = layout_.header.token_count;
        if (trace_.header().token_count != rows) {
            refuse(path_, "it has " + std::to_string(trace_.header().token_count) +
                              " tokens, not " + std::to_string(rows));
        }
        for (TokenPos begin = 0; begin < rows; begin += kBlock) {
            compare_block({begin, std::min(rows, begin + kBlock)});
        }
    }

    void compare_block(TokenRange range) const {
        const TokenTable in_file = trace_.tokens(range);
        const TokenTable& now = layout_.tokens;
        for (TokenPos i = 0; i < range.size(); ++i) {
            const TokenPos row = range.begin + i;
            // What was generated into a reserved row is a result, not a given.
            if (now.phase[row] == kPhaseUnused) continue;
            const bool same =
                in_file.id[i] == now.id[row] && in_file.byte_begin[i] == now.byte_begin[row] &&
                in_file.byte_end[i] == now.byte_end[row] &&
                in_file.special[i] == now.special[row] && in_file.phase[i] == now.phase[row];
            if (!same) refuse(path_, "token " + std::to_string(row) + " differs");
        }
    }

    void compare_layers() const {
        const auto in_file = trace_.layers();
        const auto& now = layout_.header.layers;
        if (in_file.size() != now.size()) refuse(path_, "it records other layers");
        for (std::size_t i = 0; i < now.size(); ++i) {
            const std::string name = "layer " + std::to_string(now[i].layer);
            if (in_file[i].layer != now[i].layer) refuse(path_, "it does not record " + name);
            expect_same(name + "'s routing rule", in_file[i].rule, now[i].rule);
            if (fields_of(in_file[i]) != fields_of(now[i])) {
                refuse(path_, name + " records other fields");
            }
        }
        if (trace_.header().hidden_layers != layout_.header.hidden_layers ||
            trace_.header().has_output_logits != layout_.output_logits ||
            trace_.header().has_nll != layout_.next_token_nll ||
            !std::ranges::equal(mean_layers(trace_), layout_.mean_layers)) {
            refuse(path_, "it records other fields");
        }
    }

    static std::vector<std::uint32_t> fields_of(const RoutedLayerInfo& info) {
        return {info.experts,    info.top_k,      info.has_experts,   info.has_weights,
                info.has_logits, info.has_margin, info.random_routers};
    }

    const RoutingTrace& trace_;
    const TraceLayout& layout_;
    const std::string path_;
};

}  // namespace

std::vector<std::uint8_t> check_resumable(const std::string& path, const TraceLayout& layout) {
    const TracePtr trace = open_trace(path);
    if (trace->header().kind != TraceKind::tokens) refuse(path, "it holds imported counts");
    Comparison(*trace, layout).run();
    return trace->header().prompts.done;
}

}  // namespace alluvium

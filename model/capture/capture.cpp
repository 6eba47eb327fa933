#include "model/capture/capture.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "model/capture/layout.h"
#include "model/capture/recorder.h"
#include "model/capture/token_rows.h"
#include "model/forward/forward_pass.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kBatchTokens = 2048;
// [tokens, vocabulary] in f32 is 0.6 MB a token for large vocabularies.
constexpr std::uint64_t kBatchTokensWithOutput = 512;

std::uint64_t default_batch_tokens(const RecordFields& fields) {
    return fields.output || fields.nll ? kBatchTokensWithOutput : kBatchTokens;
}

TokenBatch token_batch(const TraceLayout& layout, PromptRange range) {
    const PromptTable& prompts = layout.header.prompts;
    TokenBatch batch;
    for (std::size_t p = range.begin; p < range.end; ++p) {
        if (prompts.token_count[p] == 0) continue;
        const auto begin = layout.tokens.id.begin() + static_cast<std::ptrdiff_t>(prompts.first_token[p]);
        batch.append(std::vector<std::int64_t>(begin, begin + prompts.token_count[p]));
        batch.languages.push_back(prompts.language[p]);
    }
    return batch;
}

bool all_done(std::span<const std::uint8_t> done, PromptRange range) {
    return std::all_of(done.begin() + static_cast<std::ptrdiff_t>(range.begin),
                       done.begin() + static_cast<std::ptrdiff_t>(range.end),
                       [](std::uint8_t d) { return d != 0; });
}

TraceWriter open_writer(const std::string& path, const TraceLayout& layout,
                        const CaptureOptions& options) {
    if (options.resume && std::filesystem::exists(path)) return TraceWriter::resume(path, layout);
    return TraceWriter::create(path, layout, options.overwrite);
}

}  // namespace

RecordFields parse_record_fields(const std::string& list) {
    RecordFields fields{.experts = false, .weights = false, .logits = false};
    std::istringstream in(list);
    for (std::string name; std::getline(in, name, ',');) {
        if (name == "experts") fields.experts = true;
        else if (name == "weights") fields.weights = true;
        else if (name == "logits") fields.logits = true;
        else if (name == "hidden") fields.hidden = true;
        else if (name == "output") fields.output = true;
        else if (name == "nll") fields.nll = true;
        else
            throw UserError("--record: unknown field '" + name + "'",
                            "the fields are experts, weights, logits, hidden, output and nll");
    }
    if (!fields.any()) throw UserError("--record: no field given", "for example --record experts,weights");
    return fields;
}

CaptureSummary capture(const Engine& engine, const std::vector<Prompt>& prompts,
                       const std::string& path, const CaptureOptions& given, Progress& progress) {
    CaptureSummary summary;
    CaptureOptions options = given;
    const RecordFields fields = available_fields(options.record, *engine.model, summary.notes);
    if (options.batch_tokens == 0) options.batch_tokens = default_batch_tokens(fields);

    const TokenizeOptions tokenizing{.add_bos = options.add_bos, .max_tokens = options.max_tokens};
    const TraceLayout layout =
        trace_layout(engine, tokenize_prompts(prompts, engine.tokenizer.get(), tokenizing), fields,
                     options, prompt_set_hash(prompts));
    const PromptTable& table = layout.header.prompts;
    summary.prompts = table.size();
    summary.tokens = layout.tokens.size();
    summary.truncated = static_cast<std::uint64_t>(
        std::count(table.truncated.begin(), table.truncated.end(), std::uint8_t{1}));

    const ForwardPass forward(
        engine.model,
        {.batch_invariant = options.batch_invariant, .route = {}, .edit = options.edit});
    TraceWriter writer = open_writer(path, layout, options);
    Recorder recorder(writer, fields,
                      {engine.model, fields.experts ? options.random_routers : 0});
    progress.start(summary.tokens);
    for (const PromptRange range : plan_batches(table.token_count, options.batch_tokens)) {
        const TokenBatch batch = token_batch(layout, range);
        if (!all_done(writer.done(), range)) {
            progress.check();
            if (batch.tokens() > 0) {
                recorder.begin(batch, table.first_token[range.begin]);
                forward.run(batch, recorder, progress);
            }
            writer.finish_prompts(range.begin, range.end - range.begin);
            summary.prompts_run += range.end - range.begin;
        }
        progress.advance(static_cast<std::uint64_t>(batch.tokens()));
    }
    writer.sync();
    summary.ties = recorder.ties();
    return summary;
}

}  // namespace alluvium

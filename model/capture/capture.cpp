#include "model/capture/capture.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "model/capture/capture_run.h"
#include "model/capture/layout.h"
#include "model/capture/token_rows.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kBatchTokens = 2048;
// [tokens, vocabulary] in f32 is 0.6 MB a token for large vocabularies.
constexpr std::uint64_t kBatchTokensWithOutput = 512;

std::uint64_t default_batch_tokens(const RecordFields& fields) {
    return fields.output || fields.nll ? kBatchTokensWithOutput : kBatchTokens;
}

}  // namespace

RecordFields parse_record_fields(const std::string& list) {
    RecordFields fields{.experts = false, .weights = false, .logits = false};
    std::istringstream in(list);
    for (std::string name; std::getline(in, name, ',');) {
        if (name == "experts")
            fields.experts = true;
        else if (name == "weights")
            fields.weights = true;
        else if (name == "logits")
            fields.logits = true;
        else if (name == "means")
            fields.means = true;
        else if (name == "hidden")
            fields.hidden = true;
        else if (name == "output")
            fields.output = true;
        else if (name == "nll")
            fields.nll = true;
        else
            throw UserError(
                "--record: unknown field '" + name + "'",
                "the fields are experts, weights, logits, means, hidden, output and nll");
    }
    if (!fields.any())
        throw UserError("--record: no field given", "for example --record experts,weights");
    return fields;
}

CaptureSummary capture(const Engine& engine, const std::vector<Prompt>& prompts,
                       const std::string& path, const CaptureOptions& given, Progress& progress) {
    CaptureSummary summary;
    CaptureOptions options = given;
    const RecordFields fields = available_fields(options.record, *engine.model, summary.notes);
    if (options.batch_tokens == 0) options.batch_tokens = default_batch_tokens(fields);

    std::optional<ChatEncoder> chat;
    if (options.chat) chat.emplace(engine.checkpoint->folder(), *options.chat);
    const TokenizeOptions tokenizing{.add_bos = options.add_bos,
                                     .max_tokens = options.max_tokens,
                                     .reserved = options.generate,
                                     .chat = chat ? &*chat : nullptr};
    const TraceLayout layout =
        trace_layout(engine, tokenize_prompts(prompts, engine.tokenizer.get(), tokenizing), fields,
                     options, prompt_set_hash(prompts));
    const PromptTable& table = layout.header.prompts;
    summary.prompts = table.size();
    summary.tokens = layout.tokens.size();
    summary.truncated = static_cast<std::uint64_t>(
        std::count(table.truncated.begin(), table.truncated.end(), std::uint8_t{1}));

    progress.start(summary.tokens);
    CaptureRun(engine, layout, fields, options, progress).run(path, summary);
    return summary;
}

}  // namespace alluvium

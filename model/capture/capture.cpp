#include "model/capture/capture.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "model/capture/layout.h"
#include "model/capture/recorder.h"
#include "model/capture/token_rows.h"
#include "model/forward/forward_pass.h"
#include "model/forward/greedy_decoder.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kBatchTokens = 2048;
// [tokens, vocabulary] in f32 is 0.6 MB a token for large vocabularies.
constexpr std::uint64_t kBatchTokensWithOutput = 512;

std::uint64_t default_batch_tokens(const RecordFields& fields) {
    return fields.output || fields.nll ? kBatchTokensWithOutput : kBatchTokens;
}

// The prompts of a batch that have tokens, without the rows that are reserved behind them.
struct BatchPrompts {
    std::vector<std::vector<std::int64_t>> ids;
    std::vector<std::string> languages;
    std::vector<TokenPos> rows;  // of the trace, where they start
    std::vector<std::size_t> index;  // of the trace
};

BatchPrompts batch_prompts(const TraceLayout& layout, PromptRange range, std::uint32_t reserved) {
    const PromptTable& prompts = layout.header.prompts;
    BatchPrompts result;
    for (std::size_t p = range.begin; p < range.end; ++p) {
        if (prompts.token_count[p] == reserved) continue;
        const auto begin =
            layout.tokens.id.begin() + static_cast<std::ptrdiff_t>(prompts.first_token[p]);
        result.ids.emplace_back(begin, begin + (prompts.token_count[p] - reserved));
        result.languages.push_back(prompts.language[p]);
        result.rows.push_back(prompts.first_token[p]);
        result.index.push_back(p);
    }
    return result;
}

void run_prompts(const BatchPrompts& prompts, const ForwardPass& forward, Recorder& recorder,
                 const Progress& progress) {
    TokenBatch batch;
    for (const std::vector<std::int64_t>& ids : prompts.ids) batch.append(ids);
    batch.languages = prompts.languages;
    recorder.begin(batch, prompts.rows, prompts.index);
    forward.run(batch, recorder, progress);
}

// The prompts and up to `most` greedy tokens behind each, every one of which runs through the model,
// too. The end-of-text token ends a text and has no row. Returns how many were generated.
std::uint64_t run_and_generate(const BatchPrompts& prompts, const ForwardPass& forward,
                               std::uint32_t most, std::int64_t eos, Recorder& recorder,
                               TraceWriter& writer, const Progress& progress) {
    std::uint64_t generated = 0;
    GreedyDecoder decoder(forward, prompts.ids, {.languages = prompts.languages});
    for (std::uint32_t step = 0; !decoder.prompts().empty(); ++step) {
        const std::vector<std::size_t> alive = decoder.prompts();
        std::vector<TokenPos> rows;
        for (std::size_t i = 0; i < alive.size(); ++i) {
            rows.push_back(prompts.rows[alive[i]] +
                           static_cast<TokenPos>(decoder.batch().past_of(i)));
        }
        // Means are of the prompts: what is generated behind them does not count.
        recorder.begin(decoder.batch(), rows,
                       step == 0 ? prompts.index : std::vector<std::size_t>());
        const std::vector<std::int64_t> next = decoder.next(-1, &recorder, progress);
        decoder.go_on(next, [&](std::size_t i) {
            if (step == most || next[i] == eos) return false;
            const std::uint32_t id[] = {static_cast<std::uint32_t>(next[i])};
            writer.write_generated(prompts.rows[alive[i]] + prompts.ids[alive[i]].size() + step, id);
            ++generated;
            return true;
        });
    }
    return generated;
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
        else if (name == "means") fields.means = true;
        else if (name == "hidden") fields.hidden = true;
        else if (name == "output") fields.output = true;
        else if (name == "nll") fields.nll = true;
        else
            throw UserError("--record: unknown field '" + name + "'",
                            "the fields are experts, weights, logits, means, hidden, output and nll");
    }
    if (!fields.any()) throw UserError("--record: no field given", "for example --record experts,weights");
    return fields;
}

CaptureSummary capture(const Engine& engine, const std::vector<Prompt>& prompts,
                       const std::string& path, const CaptureOptions& given, Progress& progress) {
    CaptureSummary summary;
    CaptureOptions options = given;
    const RecordFields fields = available_fields(options.record, *engine.model, summary.notes);
    if (fields.nll && options.generate > 0) {
        throw UserError("--record nll is of texts that are given, not of generated ones",
                        "leave out nll, or capture the answers in a second run, as prompts");
    }
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

    const ForwardPass forward(
        engine.model,
        {.batch_invariant = options.batch_invariant, .route = {}, .edit = options.edit});
    TraceWriter writer = open_writer(path, layout, options);
    Recorder recorder(writer, fields,
                      {engine.model, fields.experts ? options.random_routers : 0},
                      layout.tokens.special);
    const bool ends = engine.tokenizer && engine.tokenizer->eos();
    const std::int64_t eos = ends ? std::int64_t{*engine.tokenizer->eos()} : -1;
    progress.start(summary.tokens);
    for (const PromptRange range : plan_batches(table.token_count, options.batch_tokens)) {
        if (!all_done(writer.done(), range)) {
            progress.check();
            const BatchPrompts batch = batch_prompts(layout, range, options.generate);
            if (!batch.ids.empty() && options.generate == 0) {
                run_prompts(batch, forward, recorder, progress);
            } else if (!batch.ids.empty()) {
                summary.generated += run_and_generate(batch, forward, options.generate, eos,
                                                      recorder, writer, progress);
            }
            writer.finish_prompts(range.begin, range.end - range.begin);
            summary.prompts_run += range.end - range.begin;
        }
        for (std::size_t p = range.begin; p < range.end; ++p) {
            progress.advance(table.token_count[p]);
        }
    }
    writer.sync();
    summary.ties = recorder.ties();
    return summary;
}

}  // namespace alluvium

#include "model/capture/capture_run.h"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/memory.h"
#include "model/capture/batch_prompts.h"
#include "model/capture/generating_batch.h"
#include "model/capture/recorded_batch.h"

namespace alluvium {

namespace {

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

TokenBatch packed(const BatchPrompts& prompts) {
    TokenBatch batch;
    for (const std::vector<std::int64_t>& ids : prompts.ids) batch.append(ids);
    batch.languages = prompts.languages;
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

// At most this many go through a layer together: reading the weights costs little beside that, and
// an interruption loses no more.
constexpr std::uint64_t kChunkTokens = 32'768;

// Tokens that go through a layer before the next one is read; 0: each batch goes alone. UserError
// where the budget does not hold a batch.
std::uint64_t chunk_tokens(const Engine& engine, const CaptureOptions& options,
                           const PromptTable& prompts, bool output) {
    const Model& model = *engine.model;
    if (!model.streams() || options.generate > 0) return 0;
    const Compute compute{model.device(), model.dtype()};
    std::uint64_t largest = options.batch_tokens;
    for (const std::uint32_t tokens : prompts.token_count) {
        largest = std::max<std::uint64_t>(largest, tokens);
    }
    const MemoryNeed& need = engine.memory.need;
    const std::uint64_t used = (model.device().is_cpu() ? resident_memory() : 0) +
                               need.largest_layer + (output ? need.head : 0) +
                               work_bytes(model.spec(), compute, largest, output);
    const std::uint64_t each = bytes_between_layers(model.spec(), compute);
    const std::uint64_t budget = engine.memory.budget;
    const std::uint64_t fit = budget > used ? (budget - used) / each : 0;
    if (fit < largest && engine.memory.asked) {
        throw UserError("--memory: " + human_bytes(budget) + " do not hold the largest layer and " +
                            std::to_string(largest) + " tokens, which need " +
                            human_bytes(used + largest * each),
                        "give that much, or a smaller --batch-tokens");
    }
    return std::clamp(fit, largest, std::max(largest, kChunkTokens));
}

// The batches from `first` on that go through the model together.
std::size_t end_of_chunk(std::span<const PromptRange> batches, std::size_t first,
                         const PromptTable& prompts, std::uint64_t most) {
    std::uint64_t tokens = 0;
    std::size_t end = first;
    for (; end < batches.size(); ++end) {
        for (std::size_t p = batches[end].begin; p < batches[end].end; ++p) {
            tokens += prompts.token_count[p];
        }
        if (end > first && tokens > most) break;
    }
    return end;
}

}  // namespace

CaptureRun::CaptureRun(const Engine& engine, const TraceLayout& layout, const RecordFields& fields,
                       const CaptureOptions& options, Progress& progress)
    : engine_(engine),
      layout_(layout),
      fields_(fields),
      options_(options),
      progress_(progress),
      forward_(engine.model,
               {.batch_invariant = options.batch_invariant, .route = {}, .edit = options.edit}),
      routed_layers_(engine.model->spec().routed_layers().size()) {}

void CaptureRun::run(const std::string& path, CaptureSummary& summary) {
    const PromptTable& prompts = layout_.header.prompts;
    const std::vector<PromptRange> batches =
        plan_batches(prompts.token_count, options_.batch_tokens);
    const std::uint64_t most =
        chunk_tokens(engine_, options_, prompts, fields_.output || fields_.nll);
    writer_.emplace(open_writer(path, layout_, options_));
    for (std::size_t first = 0; first < batches.size();) {
        const std::size_t end = end_of_chunk(batches, first, prompts, most);
        progress_.check();
        run_chunk({batches.begin() + static_cast<std::ptrdiff_t>(first), end - first}, summary);
        first = end;
    }
    writer_->sync();
}

void CaptureRun::run_chunk(std::span<const PromptRange> ranges, CaptureSummary& summary) {
    std::deque<RecordedBatch> running;
    std::vector<WatchedBatch> watched;
    for (const PromptRange range : ranges) {
        if (all_done(writer_->done(), range)) continue;
        summary.prompts_run += range.end - range.begin;
        const BatchPrompts batch = batch_prompts(layout_, range, options_.generate);
        if (batch.ids.empty()) continue;
        if (options_.generate > 0) {
            generate(batch, summary);
            continue;
        }
        RecordedBatch& own =
            running.emplace_back(packed(batch), recorder(), routed_layers_, progress_);
        own.begin(batch.rows, batch.index);
        watched.push_back({own.batch(), own});
    }
    forward_.run(watched, progress_);
    std::uint64_t counted = 0;
    for (const RecordedBatch& batch : running) {
        summary.ties += batch.recorder().ties();
        counted += batch.counted();
    }
    finish(ranges, counted);
}

void CaptureRun::generate(const BatchPrompts& batch, CaptureSummary& summary) {
    Recorder own = recorder();
    const Tokenizer* tokenizer = engine_.tokenizer.get();
    const bool ends = tokenizer != nullptr && tokenizer->eos();
    const Generation generation{.most = options_.generate,
                                .eos = ends ? std::int64_t{*tokenizer->eos()} : -1,
                                .tokenizer = tokenizer,
                                .nll = fields_.nll,
                                .live = fields_.experts ? options_.live : LiveObserver()};
    summary.generated +=
        GeneratingBatch(batch, layout_, generation, own, *writer_).run(forward_, progress_);
    summary.ties += own.ties();
}

void CaptureRun::finish(std::span<const PromptRange> ranges, std::uint64_t counted) {
    std::uint64_t tokens = 0;
    for (const PromptRange range : ranges) {
        if (!all_done(writer_->done(), range)) {
            writer_->finish_prompts(range.begin, range.end - range.begin);
        }
        for (std::size_t p = range.begin; p < range.end; ++p) {
            tokens += layout_.header.prompts.token_count[p];
        }
    }
    progress_.advance(tokens - counted);
}

Recorder CaptureRun::recorder() {
    return {*writer_,
            fields_,
            {engine_.model, fields_.experts ? options_.random_routers : 0},
            layout_.tokens.special};
}

}  // namespace alluvium

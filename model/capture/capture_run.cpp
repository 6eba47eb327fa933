#include "model/capture/capture_run.h"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "base/error.h"
#include "model/capture/batch_chunks.h"
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

// The ends of what goes through the model together. Where texts go on, each batch goes alone: its
// rows are known one token at a time.
std::vector<std::size_t> chunk_ends(const Engine& engine, std::span<const PromptRange> batches,
                                    const PromptTable& prompts, const CaptureOptions& options,
                                    bool output) {
    std::vector<BatchSize> sizes;
    std::vector<std::size_t> each_alone;
    for (const PromptRange& batch : batches) {
        BatchSize& size = sizes.emplace_back();
        for (std::size_t p = batch.begin; p < batch.end; ++p) {
            size.tokens += prompts.token_count[p];
        }
        each_alone.push_back(sizes.size());
    }
    return options.generate > 0 ? each_alone : plan_chunks(engine, sizes, output);
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
    const std::vector<std::size_t> ends =
        chunk_ends(engine_, batches, prompts, options_, fields_.output || fields_.nll);
    writer_.emplace(open_writer(path, layout_, options_));
    std::size_t first = 0;
    for (const std::size_t end : ends) {
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

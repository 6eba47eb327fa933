#include "captures/trace_writer.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "captures/complete_data.h"
#include "captures/storage/disk_file.h"
#include "captures/storage/done_marks.h"
#include "captures/storage/field_writer.h"
#include "captures/storage/resume_check.h"
#include "captures/storage/skeleton.h"
#include "captures/storage/unpublished_file.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kNoToken = 0xffffffff;

}  // namespace

using schema::Field;

struct TraceWriter::Impl {
    Impl(const std::string& path, schema::Fields places, const TraceLayout& layout,
         std::vector<std::uint8_t> already_done)
        : fields(std::move(places)),
          prompts(layout.header.prompts),
          done(std::move(already_done)),
          file(path, DiskFile::Mode::read_write),
          rows(file),
          marks(file, fields.done.offset, layout.sync_interval) {
        if (std::ranges::count(layout.tokens.phase, kPhaseUnused) > 0) phase = layout.tokens.phase;
    }

    template <typename T>
    void write(const Field& field, TokenPos first, std::span<const T> values) {
        rows.write(field, first * field.row_elements(), values);
    }
    void blank_unused_rows(std::size_t prompt);
    void blank_means(std::size_t prompt);
    void blank_row(TokenPos row);

    schema::Fields fields;
    PromptTable prompts;
    std::vector<std::uint8_t> done;
    std::vector<std::uint8_t> phase;  // empty where no row is reserved for generation
    DiskFile file;
    FieldWriter rows;
    DoneMarks marks;  // last: its thread ends before the file is closed
};

// A capture that was stopped may have generated into this row before.
void TraceWriter::Impl::blank_row(TokenPos row) {
    const auto blank_floats = [&](const Field& field) {
        if (field.path.empty()) return;
        const std::vector<float> nan(field.row_elements(), std::numeric_limits<float>::quiet_NaN());
        write(field, row, std::span<const float>(nan));
    };
    const auto blank_experts = [&](const Field& field, TokenPos at) {
        if (field.path.empty()) return;
        const std::vector<ExpertId> none(field.row_elements(), kMissingExpert);
        write(field, at, std::span<const ExpertId>(none));
    };
    rows.write_bytes(fields.token_id, row, std::as_bytes(std::span(&kNoToken, 1)));
    rows.write_bytes(fields.phase, row, std::as_bytes(std::span(&kPhaseUnused, 1)));
    constexpr std::uint32_t kNowhere = 0;
    rows.write_bytes(fields.byte_begin, row, std::as_bytes(std::span(&kNowhere, 1)));
    rows.write_bytes(fields.byte_end, row, std::as_bytes(std::span(&kNowhere, 1)));
    for (const schema::LayerFields& layer : fields.layers) {
        const Field& random = layer.random_expert;
        blank_experts(layer.expert, row);
        for (std::uint64_t draw = 0; !random.path.empty() && draw < random.shape[0]; ++draw) {
            blank_experts(random, draw * random.shape[1] + row);
        }
        blank_floats(layer.weight);
        blank_floats(layer.logit);
        blank_floats(layer.margin);
    }
    for (const auto& [layer, field] : fields.hidden) blank_floats(field);
    blank_floats(fields.output_logit);
    blank_floats(fields.nll);
}

void TraceWriter::Impl::blank_unused_rows(std::size_t prompt) {
    if (phase.empty()) return;
    const TokenPos begin = prompts.first_token[prompt];
    for (TokenPos row = begin; row < begin + prompts.token_count[prompt]; ++row) {
        if (phase[row] == kPhaseUnused) blank_row(row);
    }
}

// A prompt without tokens runs through no layer, so nobody else writes its row.
void TraceWriter::Impl::blank_means(std::size_t prompt) {
    const auto begin = static_cast<std::ptrdiff_t>(prompts.first_token[prompt]);
    const auto count = static_cast<std::ptrdiff_t>(prompts.token_count[prompt]);
    const bool has_tokens = phase.empty()
                                ? count > 0
                                : std::any_of(phase.begin() + begin, phase.begin() + begin + count,
                                              [](std::uint8_t p) { return p == kPhasePrompt; });
    if (has_tokens) return;
    for (const auto& [layer, field] : fields.stream_means) {
        const std::vector<float> nan(field.row_elements(), std::numeric_limits<float>::quiet_NaN());
        write(field, prompt, std::span<const float>(nan));
    }
}

TraceWriter TraceWriter::create(const std::string& path, const TraceLayout& layout,
                                bool overwrite) {
    if (std::filesystem::exists(path)) {
        if (!overwrite) refuse_existing(path);
        DiskFile(path, DiskFile::Mode::read_write).lock_for_writing();
    }
    TraceLayout complete = layout;
    complete_columns(complete.header, complete.tokens);
    UnpublishedFile fresh(path);
    schema::Fields fields = write_skeleton(fresh.path(), complete);
    auto impl = std::make_unique<Impl>(fresh.path(), std::move(fields), complete,
                                       std::vector<std::uint8_t>(complete.header.prompts.size()));
    impl->file.lock_for_writing();
    fresh.publish(overwrite);
    return TraceWriter(std::move(impl));
}

TraceWriter TraceWriter::resume(const std::string& path, const TraceLayout& layout) {
    TraceLayout complete = layout;
    complete_columns(complete.header, complete.tokens);
    std::vector<std::uint8_t> done = check_resumable(path, complete);
    schema::Fields fields = find_fields(path, complete);
    auto impl = std::make_unique<Impl>(path, std::move(fields), complete, std::move(done));
    impl->file.lock_for_writing();
    return TraceWriter(std::move(impl));
}

TraceWriter::TraceWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TraceWriter::TraceWriter(TraceWriter&&) noexcept = default;
TraceWriter& TraceWriter::operator=(TraceWriter&&) noexcept = default;
TraceWriter::~TraceWriter() = default;

std::span<const std::uint8_t> TraceWriter::done() const {
    return impl_->done;
}

void TraceWriter::write_experts(std::size_t routed, TokenPos first,
                                std::span<const ExpertId> rows) {
    impl_->write(impl_->fields.layers.at(routed).expert, first, rows);
}

void TraceWriter::write_weights(std::size_t routed, TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.layers.at(routed).weight, first, rows);
}

void TraceWriter::write_logits(std::size_t routed, TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.layers.at(routed).logit, first, rows);
}

void TraceWriter::write_margin(std::size_t routed, TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.layers.at(routed).margin, first, rows);
}

void TraceWriter::write_random_experts(std::size_t routed, std::uint32_t draw, TokenPos first,
                                       std::span<const ExpertId> rows) {
    const Field& field = impl_->fields.layers.at(routed).random_expert;
    assert(!field.path.empty() && draw < field.shape[0]);
    impl_->write(field, draw * field.shape[1] + first, rows);
}

void TraceWriter::write_hidden(LayerId layer, TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.hidden.at(layer), first, rows);
}

void TraceWriter::write_stream_means(LayerId layer, std::size_t first,
                                     std::span<const float> rows) {
    impl_->write(impl_->fields.stream_means.at(layer), first, rows);
}

void TraceWriter::write_output_logits(TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.output_logit, first, rows);
}

void TraceWriter::write_nll(TokenPos first, std::span<const float> rows) {
    impl_->write(impl_->fields.nll, first, rows);
}

void TraceWriter::write_generated(TokenPos first, std::span<const std::uint32_t> ids) {
    assert(first + ids.size() <= impl_->phase.size());
    const std::vector<std::uint8_t> generated(ids.size(), kPhaseGenerated);
    impl_->rows.write_bytes(impl_->fields.token_id, first, std::as_bytes(ids));
    impl_->rows.write_bytes(impl_->fields.phase, first, std::as_bytes(std::span(generated)));
    std::ranges::copy(generated, impl_->phase.begin() + static_cast<std::ptrdiff_t>(first));
}

void TraceWriter::write_generated_text(std::size_t prompt, std::string_view text, TokenPos first,
                                       std::span<const std::uint32_t> begin,
                                       std::span<const std::uint32_t> end) {
    const Field& field = impl_->fields.generated;
    assert(!field.path.empty() && text.size() <= field.row_elements());
    std::string padded(text);
    padded.resize(field.row_elements(), '\0');
    impl_->rows.write_bytes(field, prompt * field.row_elements(), std::as_bytes(std::span(padded)));
    const auto behind = static_cast<std::uint32_t>(impl_->prompts.text[prompt].size());
    std::vector<std::uint32_t> places(begin.begin(), begin.end());
    for (std::uint32_t& place : places) place += behind;
    impl_->rows.write_bytes(impl_->fields.byte_begin, first, std::as_bytes(std::span(places)));
    places.assign(end.begin(), end.end());
    for (std::uint32_t& place : places) place += behind;
    impl_->rows.write_bytes(impl_->fields.byte_end, first, std::as_bytes(std::span(places)));
}

void TraceWriter::finish_prompts(std::size_t first, std::size_t count) {
    assert(first + count <= impl_->done.size());
    for (std::size_t prompt = first; prompt < first + count; ++prompt) {
        impl_->blank_unused_rows(prompt);
        impl_->blank_means(prompt);
        impl_->done[prompt] = 1;
    }
    impl_->marks.add(first, count);
}

void TraceWriter::sync() {
    impl_->marks.flush();
}

}  // namespace alluvium

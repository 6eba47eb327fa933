#include <algorithm>
#include <limits>

#include "captures/row_checks.h"
#include "captures/storage/trace_file.h"
#include "captures/stream_means.h"

namespace alluvium {
namespace {

constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();

class FileTrace final : public RoutingTrace, public StreamMeans {
  public:
    explicit FileTrace(std::unique_ptr<const TraceFile> file)
        : RoutingTrace(file->contents().header),
          file_(std::move(file)),
          missing_(missing_ranges(header().prompts, header().token_count)) {
        for (const auto& [layer, array] : file_->contents().stream_means) {
            mean_layers_.push_back(layer);
        }
    }

    TokenTable tokens(TokenRange range) const override;
    Grid<ExpertId> experts(std::size_t routed, TokenRange range) const override {
        return read_experts(*layer(routed).expert, routed, range, 0, {});
    }
    Grid<float> weights(std::size_t routed, TokenRange range) const override;
    Grid<float> logits(std::size_t routed, TokenRange range) const override {
        return read_floats(*layer(routed).logit, range);
    }
    std::vector<float> margin(std::size_t routed, TokenRange range) const override {
        return read_float_column(*layer(routed).margin, range);
    }
    Grid<ExpertId> random_experts(std::size_t routed, std::uint32_t draw,
                                  TokenRange range) const override {
        return read_experts(*layer(routed).random_expert, routed, range, draw, {});
    }
    Grid<float> hidden(LayerId decoder_layer, TokenRange range) const override {
        return read_floats(file_->contents().hidden.at(decoder_layer), range);
    }
    std::vector<float> next_token_nll(TokenRange range) const override {
        return read_float_column(*file_->contents().nll, range);
    }
    Grid<float> output_logits(TokenRange range) const override {
        return read_floats(file_->contents().output_logit.value(), range);
    }
    LayerCounts counts(std::size_t routed) const override;
    std::span<const LayerId> mean_layers() const override { return mean_layers_; }
    Grid<float> means(LayerId decoder_layer) const override;

  private:
    const LayerArrays& layer(std::size_t routed) const {
        return file_->contents().layers.at(routed);
    }
    Grid<ExpertId> read_experts(const hdf5::NumberArray& array, std::size_t routed,
                                TokenRange range, std::uint32_t draw,
                                std::span<std::uint8_t> row_is_bad) const;
    Grid<float> read_floats(const hdf5::NumberArray& array, TokenRange range) const;
    std::vector<float> read_float_column(const hdf5::NumberArray& array, TokenRange range) const;
    void derive_places(TokenTable& tokens, TokenRange range) const;

    std::unique_ptr<const TraceFile> file_;
    std::vector<TokenRange> missing_;
    std::vector<LayerId> mean_layers_;
};

Grid<ExpertId> FileTrace::read_experts(const hdf5::NumberArray& array, std::size_t routed,
                                       TokenRange range, std::uint32_t draw,
                                       std::span<std::uint8_t> row_is_bad) const {
    Grid<ExpertId> block = file_->read<ExpertId>(array, range, draw);
    blank_missing(block, missing_, range, kMissingExpert);
    mark_impossible_rows(block, layers()[routed].experts, row_is_bad);
    return block;
}

Grid<float> FileTrace::read_floats(const hdf5::NumberArray& array, TokenRange range) const {
    Grid<float> block = file_->read<float>(array, range);
    blank_missing(block, missing_, range, kMissingValue);
    mark_non_finite(block.values());
    return block;
}

std::vector<float> FileTrace::read_float_column(const hdf5::NumberArray& array,
                                                TokenRange range) const {
    const Grid<float> block = read_floats(array, range);
    return {block.values().begin(), block.values().end()};
}

// The weight of an expert that cannot be is missing with it, so both fields are looked at.
Grid<float> FileTrace::weights(std::size_t routed, TokenRange range) const {
    Grid<float> block = read_floats(*layer(routed).weight, range);
    if (!layer(routed).expert) return block;
    std::vector<std::uint8_t> bad(range.size(), 0);
    read_experts(*layer(routed).expert, routed, range, 0, bad);
    for (std::size_t row = 0; row < bad.size(); ++row) {
        if (bad[row] != 0) std::ranges::fill(block.row(row), kMissingValue);
    }
    return block;
}

TokenTable FileTrace::tokens(TokenRange range) const {
    const TokenArrays& arrays = file_->contents().tokens;
    const auto column = [&]<typename T>(const OptionalArray& array, T) {
        return array ? file_->read_column<T>(*array, range) : std::vector<T>(range.size(), 0);
    };
    TokenTable tokens;
    tokens.id = column(arrays.id, std::uint32_t{});
    tokens.prompt = column(arrays.prompt, std::uint32_t{});
    tokens.position = column(arrays.position, std::uint32_t{});
    tokens.byte_begin = column(arrays.byte_begin, std::uint32_t{});
    tokens.byte_end = column(arrays.byte_end, std::uint32_t{});
    tokens.phase = column(arrays.phase, std::uint8_t{});
    tokens.special = column(arrays.special, std::uint8_t{});
    derive_places(tokens, range);
    return tokens;
}

// Foreign files may leave out what follows from the prompts' ranges.
void FileTrace::derive_places(TokenTable& tokens, TokenRange range) const {
    const TokenArrays& arrays = file_->contents().tokens;
    if (arrays.prompt && arrays.position) return;
    const PromptTable& prompts = header().prompts;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        const TokenPos begin = std::max(range.begin, prompts.first_token[p]);
        const TokenPos end = std::min(range.end, prompts.first_token[p] + prompts.token_count[p]);
        for (TokenPos row = begin; row < end; ++row) {
            const std::size_t i = row - range.begin;
            if (!arrays.prompt) tokens.prompt[i] = static_cast<std::uint32_t>(p);
            if (!arrays.position) {
                tokens.position[i] = static_cast<std::uint32_t>(row - prompts.first_token[p]);
            }
        }
    }
}

Grid<float> FileTrace::means(LayerId decoder_layer) const {
    Grid<float> rows = file_->read<float>(file_->contents().stream_means.at(decoder_layer),
                                          {0, header().prompts.size()});
    mark_missing_prompts(rows, header().prompts);
    return rows;
}

LayerCounts FileTrace::counts(std::size_t routed) const {
    const TokenRange groups{0, header().groups.label.size()};
    LayerCounts counts;
    counts.count = file_->read<std::uint64_t>(*layer(routed).count, groups);
    if (layer(routed).weight_sum) {
        counts.weight_sum = file_->read<double>(*layer(routed).weight_sum, groups);
    }
    return counts;
}

}  // namespace

TracePtr open_trace(const std::string& path) {
    return std::make_shared<const FileTrace>(std::make_unique<const TraceFile>(path));
}

}  // namespace alluvium

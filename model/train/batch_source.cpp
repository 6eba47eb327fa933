#include "model/train/batch_source.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

std::vector<double> cumulative_shares(const std::vector<TokenStream>& streams,
                                      LanguageWeight weight) {
    std::vector<std::uint64_t> sizes;
    for (const TokenStream& stream : streams) sizes.push_back(stream.ids.size());
    std::vector<double> shares = language_shares(sizes, weight);
    double sum = 0;
    for (double& share : shares) share = sum += share;
    return shares;
}

at::Tensor long_tensor(const std::vector<std::int64_t>& values, at::IntArrayRef shape) {
    return at::tensor(values, at::TensorOptions(at::kLong)).view(shape);
}

// One expert per sequence -> one per predicting token.
at::Tensor per_token(const std::vector<std::int64_t>& experts, std::int64_t length) {
    const auto sequences = static_cast<std::int64_t>(experts.size());
    return long_tensor(experts, {sequences, 1}).expand({sequences, length}).contiguous();
}

}  // namespace

SampledBatches::SampledBatches(std::vector<TokenStream> streams, const SamplingOptions& options)
    : streams_(std::move(streams)),
      options_(options),
      cumulative_(cumulative_shares(streams_, options.weight)),
      rounds_(streams_.size()),
      random_(options.seed) {}

void SampledBatches::begin_round(std::size_t stream) {
    const auto size = static_cast<std::int64_t>(streams_[stream].ids.size());
    std::vector<std::int64_t>& starts = rounds_[stream].starts;
    const std::int64_t spare = size - options_.length - 1;
    if (spare < 0) {  // shorter than a window, which then wraps around
        starts.push_back(
            static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(size))));
        return;
    }
    const auto phase = static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(std::min(options_.length, spare + 1))));
    for (std::int64_t start = phase; start <= spare; start += options_.length) {
        starts.push_back(start);
    }
    random_.shuffle(starts);
}

SampledBatches::Window SampledBatches::draw() {
    const double point = random_.uniform() * cumulative_.back();
    const auto found = std::ranges::upper_bound(cumulative_, point);
    const auto stream =
        std::min(static_cast<std::size_t>(found - cumulative_.begin()), streams_.size() - 1);
    std::vector<std::int64_t>& starts = rounds_[stream].starts;
    if (starts.empty()) begin_round(stream);
    const Window window{stream, starts.back()};
    starts.pop_back();
    return window;
}

TrainingBatch SampledBatches::next() {
    std::vector<std::int64_t> ids, experts;
    for (std::int64_t sequence = 0; sequence < options_.sequences; ++sequence) {
        const Window window = draw();
        const TokenStream& stream = streams_[window.stream];
        for (std::int64_t i = 0; i <= options_.length; ++i) {
            ids.push_back(
                stream.ids[static_cast<std::size_t>(window.start + i) % stream.ids.size()]);
        }
        experts.push_back(stream.expert);
    }
    return {long_tensor(ids, {options_.sequences, options_.length + 1}),
            per_token(experts, options_.length)};
}

void SampledBatches::skip(std::int64_t batches) {
    for (std::int64_t i = 0; i < batches * options_.sequences; ++i) draw();
}

RecordedBatches::RecordedBatches(const std::filesystem::path& path)
    : path_(path.string()), in_(path) {
    if (!in_) throw UserError("cannot open the batches '" + path_ + "'", "check the path");
}

std::string RecordedBatches::read_line() {
    std::string line;
    if (!std::getline(in_, line)) {
        throw UserError(
            "'" + path_ + "' holds " + std::to_string(line_) + " batches, the run needs more",
            "give fewer --steps");
    }
    ++line_;
    return line;
}

TrainingBatch RecordedBatches::next() {
    const std::string text = read_line();
    const Json json = parse_json(text, path_ + ":" + std::to_string(line_));
    try {
        const auto rows = json.at("ids").get<std::vector<std::vector<std::int64_t>>>();
        const auto experts = json.at("language").get<std::vector<std::int64_t>>();
        std::vector<std::int64_t> ids;
        for (const auto& row : rows) ids.insert(ids.end(), row.begin(), row.end());
        const auto sequences = static_cast<std::int64_t>(rows.size());
        const std::int64_t width = rows.empty() ? 0 : std::ssize(rows.front());
        const bool rectangular = width > 1 && std::ranges::all_of(rows, [width](const auto& row) {
                                     return std::ssize(row) == width;
                                 });
        if (rectangular && std::ssize(experts) == sequences) {
            return {long_tensor(ids, {sequences, width}), per_token(experts, width - 1)};
        }
    } catch (const Json::exception&) {
        // Said below.
    }
    throw UserError("'" + path_ + "' line " + std::to_string(line_) + " is no batch",
                    R"(expected {"ids": [[...], ...], "language": [...]}, rows of equal length)");
}

void RecordedBatches::skip(std::int64_t batches) {
    for (std::int64_t i = 0; i < batches; ++i) read_line();
}

}  // namespace alluvium

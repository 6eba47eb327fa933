#include "tests/bench/trace_write.h"

#include <filesystem>
#include <random>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "captures/trace_writer.h"
#include "tests/bench/measure.h"
#include "tests/bench/options.h"

namespace alluvium::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Shape {
    std::size_t tokens, layers, experts, top_k, batch;

    // What one token and layer takes in the file.
    std::size_t row_bytes() const {
        return 2 * (experts + top_k + 1) + (experts > 256 ? 2 : 1) * top_k;
    }
    std::size_t bytes() const { return tokens * layers * row_bytes(); }
};

// The rows of one batch and layer, the same for all: what they hold does not matter.
struct Rows {
    explicit Rows(const Shape& shape)
        : logits(shape.batch * shape.experts),
          weights(shape.batch * shape.top_k),
          margin(shape.batch, 0.25F),
          experts(shape.batch * shape.top_k) {
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        for (float& value : logits) value = normal(random);
        for (float& value : weights) value = normal(random);
        for (std::size_t i = 0; i < experts.size(); ++i) {
            experts[i] = static_cast<ExpertId>(i % shape.top_k);
        }
    }
    std::vector<float> logits, weights, margin;
    std::vector<ExpertId> experts;
};

// One prompt a batch.
TraceLayout layout_of(const Shape& shape) {
    TraceLayout layout;
    TraceHeader& header = layout.header;
    header.token_count = shape.tokens;
    for (TokenPos first = 0; first < shape.tokens; first += shape.batch) {
        PromptTable& prompts = header.prompts;
        prompts.id.push_back(std::to_string(first));
        prompts.first_token.push_back(first);
        prompts.token_count.push_back(static_cast<std::uint32_t>(shape.batch));
        for (std::size_t position = 0; position < shape.batch; ++position) {
            layout.tokens.id.push_back(0);
            layout.tokens.prompt.push_back(static_cast<std::uint32_t>(prompts.size() - 1));
            layout.tokens.position.push_back(static_cast<std::uint32_t>(position));
        }
    }
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        header.layers.push_back({.layer = static_cast<LayerId>(layer),
                                 .experts = static_cast<std::uint32_t>(shape.experts),
                                 .top_k = static_cast<std::uint32_t>(shape.top_k),
                                 .has_weights = true,
                                 .has_logits = true,
                                 .has_margin = true});
    }
    return layout;
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double write_trace_rows(const Shape& shape, const TraceLayout& layout, const Rows& rows,
                        const fs::path& path) {
    TraceWriter writer = TraceWriter::create(path.string(), layout, true);
    const auto start = Clock::now();
    for (std::size_t batch = 0; batch * shape.batch < shape.tokens; ++batch) {
        for (std::size_t layer = 0; layer < shape.layers; ++layer) {
            const TokenPos first = batch * shape.batch;
            writer.write_experts(layer, first, rows.experts);
            writer.write_margin(layer, first, rows.margin);
            writer.write_weights(layer, first, rows.weights);
            writer.write_logits(layer, first, rows.logits);
        }
        writer.finish_prompts(batch, 1);
    }
    writer.sync();
    return seconds_since(start);
}

double write_raw(std::size_t bytes, const fs::path& path) {
    constexpr std::size_t kChunk = 1536 * 1024;
    const std::vector<char> chunk(kChunk, 'x');
    const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (file < 0)
        throw UserError("cannot write '" + path.string() + "'", "give a folder of your own");
    if (::posix_fallocate(file, 0, static_cast<off_t>(bytes)) != 0) {
        ::close(file);
        throw RunError("no room for " + std::to_string(bytes) + " bytes in '" + path.string() +
                       "'");
    }
    const auto start = Clock::now();
    bool written = true;
    for (std::size_t done = 0; written && done < bytes; done += kChunk) {
        const std::size_t n = std::min(kChunk, bytes - done);
        written =
            ::pwrite(file, chunk.data(), n, static_cast<off_t>(done)) == static_cast<ssize_t>(n);
    }
    written = ::fsync(file) == 0 && written;
    const double seconds = seconds_since(start);
    ::close(file);
    if (!written) throw RunError("writing '" + path.string() + "' failed");
    return seconds;
}

}  // namespace

Json trace_write(const std::vector<std::string>& words) {
    const Options options(words, {{"--tokens", true},
                                  {"--layers", true},
                                  {"--experts", true},
                                  {"--top-k", true},
                                  {"--batch", true},
                                  {"--pairs", true}});
    const auto count = [&](const char* name, int otherwise) {
        return static_cast<std::size_t>(options.count(name, otherwise));
    };
    Shape shape{count("--tokens", 65536), count("--layers", 16), count("--experts", 64),
                count("--top-k", 8), count("--batch", 2048)};
    shape.tokens = (shape.tokens + shape.batch - 1) / shape.batch * shape.batch;
    const fs::path folder = options.positional();
    const fs::path trace = folder / "alluvium-bench.h5";
    const fs::path raw = folder / "alluvium-bench.raw";
    const TraceLayout layout = layout_of(shape);
    const Rows rows(shape);
    std::vector<double> trace_seconds, raw_seconds, ratios;
    for (std::size_t pair = 0; pair <= count("--pairs", 7); ++pair) {
        const double ours = write_trace_rows(shape, layout, rows, trace);
        const double plain = write_raw(shape.bytes(), raw);
        fs::remove(trace);
        fs::remove(raw);
        if (pair == 0) continue;
        trace_seconds.push_back(ours);
        raw_seconds.push_back(plain);
        ratios.push_back(plain / ours);
    }
    return {{"bytes", shape.bytes()},
            {"trace_seconds", trace_seconds},
            {"raw_seconds", raw_seconds},
            {"trace_bytes_per_second", static_cast<double>(shape.bytes()) / median(trace_seconds)},
            {"raw_bytes_per_second", static_cast<double>(shape.bytes()) / median(raw_seconds)},
            {"ratio_median", median(ratios)}};
}

}  // namespace alluvium::bench

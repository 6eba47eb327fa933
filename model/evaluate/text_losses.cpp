#include "model/evaluate/text_losses.h"

#include "model/evaluate/batch_losses.h"
#include "model/train/token_streams.h"
#include "model/train/validation.h"

namespace alluvium {
namespace {

// Windows of one text stream.
struct StreamWindows {
    const TokenStream* stream = nullptr;
    WindowBatch windows;
};

LossBatch pack(const StreamWindows& batch) {
    const auto& [stream, windows] = batch;
    LossBatch packed{.language = stream->language, .tokens = {}, .predicted = {}};
    for (std::int64_t w = 0; w < windows.sequences; ++w) {
        const auto begin = stream->ids.begin() + windows.first + w * windows.length;
        packed.tokens.append({begin, begin + windows.length});
        for (std::int64_t t = 0; t < windows.length; ++t) {
            packed.predicted.push_back({w * windows.length + t, begin[t + 1]});
        }
    }
    return packed;
}

std::vector<StreamWindows> windows_of(const std::vector<TokenStream>& streams,
                                      const TextLossOptions& options) {
    std::vector<StreamWindows> all;
    for (const TokenStream& stream : streams) {
        for (const WindowBatch& windows :
             window_batches(std::ssize(stream.ids), {options.windows, options.window_tokens})) {
            all.push_back({&stream, windows});
        }
    }
    return all;
}

TextLoss summed(const TokenStream& stream, const std::vector<double>& nats) {
    TextLoss loss{stream.language, stream.texts, nats.size(), stream.bytes, 0, {}};
    auto next = nats.begin();
    for (const StreamText& text : stream.parts) {
        double of_text = 0;
        while (next != nats.end() && next - nats.begin() < text.end - 1) of_text += *next++;
        loss.nats += of_text;
        if (text.bytes > 0) loss.units.push_back({of_text, static_cast<double>(text.bytes)});
    }
    return loss;
}

}  // namespace

std::vector<TextLoss> text_losses(const Engine& engine, const std::vector<Prompt>& texts,
                                  const TextLossOptions& options, Progress& progress) {
    const auto no_expert = [](const std::string&) { return std::int64_t{-1}; };
    const std::vector<TokenStream> streams =
        token_streams(texts, engine.tokenizer.get(), {no_expert, options.seed});
    const LanguagePass passes(engine, options.route);
    const std::vector<StreamWindows> windows = windows_of(streams, options);
    LossBatches batches;
    for (const auto& [stream, batch] : windows) {
        batches.sizes.push_back({static_cast<std::uint64_t>(batch.sequences * batch.length)});
    }
    batches.make = [&](std::size_t b) { return pack(windows[b]); };
    const auto nats = batch_losses(engine, passes, batches, progress);
    std::vector<TextLoss> losses;
    std::size_t next = 0;
    for (const TokenStream& stream : streams) {
        std::vector<double> own;  // of every token but the first
        for (; next < windows.size() && windows[next].stream == &stream; ++next) {
            own.insert(own.end(), nats[next].begin(), nats[next].end());
        }
        losses.push_back(summed(stream, own));
    }
    return losses;
}

}  // namespace alluvium

#include "model/evaluate/text_losses.h"

#include "model/evaluate/token_losses.h"
#include "model/train/token_streams.h"
#include "model/train/validation.h"

namespace alluvium {
namespace {

struct PackedWindows {
    TokenBatch tokens;
    std::vector<PredictedToken> predicted;
};

PackedWindows pack(const TokenStream& stream, const WindowBatch& windows) {
    PackedWindows packed;
    for (std::int64_t w = 0; w < windows.sequences; ++w) {
        const auto begin = stream.ids.begin() + windows.first + w * windows.length;
        packed.tokens.append({begin, begin + windows.length});
        for (std::int64_t t = 0; t < windows.length; ++t) {
            packed.predicted.push_back({w * windows.length + t, begin[t + 1]});
        }
    }
    return packed;
}

// [tokens of the stream - 1] of every token but the first.
std::vector<double> token_nats(const TokenStream& stream, const ForwardPass& forward,
                               const TextLossOptions& options, Progress& progress) {
    std::vector<double> nats;
    for (const WindowBatch& windows :
         window_batches(std::ssize(stream.ids), {options.windows, options.window_tokens})) {
        const PackedWindows packed = pack(stream, windows);
        TokenLosses observer(packed.predicted);
        forward.run(packed.tokens, observer, progress);
        nats.insert(nats.end(), observer.nats().begin(), observer.nats().end());
        progress.advance(packed.predicted.size());
    }
    return nats;
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
    std::uint64_t total = 0;
    for (const TokenStream& stream : streams) total += stream.ids.size() - 1;
    progress.start(total);
    std::vector<TextLoss> losses;
    for (const TokenStream& stream : streams) {
        losses.push_back(summed(
            stream, token_nats(stream, passes.pass_for(stream.language), options, progress)));
    }
    return losses;
}

}  // namespace alluvium

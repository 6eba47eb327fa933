#include "model/capture/generating_batch.h"

#include <limits>

#include "captures/generated_text.h"

namespace alluvium {

GeneratingBatch::GeneratingBatch(const BatchPrompts& prompts, const TraceLayout& layout,
                                 const Generation& generation, Recorder& recorder,
                                 TraceWriter& writer)
    : prompts_(prompts),
      layout_(layout),
      generation_(generation),
      recorder_(recorder),
      writer_(writer) {
    if (generation.live) recorder.keep_choices();
    recorder.expect_greedy();
    for (const std::vector<std::int64_t>& ids : prompts.ids) {
        if (generation.tokenizer == nullptr) break;
        texts_.emplace_back(*generation.tokenizer, static_cast<std::uint32_t>(ids.back()));
    }
}

std::uint64_t GeneratingBatch::run(const ForwardPass& forward, const Progress& progress) {
    GreedyDecoder decoder(forward, prompts_.ids, {.languages = prompts_.languages});
    for (std::uint32_t step = 0; !decoder.prompts().empty(); ++step) {
        begin_step(decoder, step == 0);
        const std::vector<std::int64_t> next = decoder.next(-1, &recorder_, progress);
        if (generation_.live) show(decoder);
        const std::vector<std::size_t> alive = decoder.prompts();
        decoder.go_on(next, [&](std::size_t i) { return goes_on(alive[i], next[i], step); });
    }
    write_texts();
    return generated_;
}

void GeneratingBatch::begin_step(const GreedyDecoder& decoder, bool first) {
    std::vector<TokenPos> rows;
    for (std::size_t i = 0; i < decoder.prompts().size(); ++i) {
        rows.push_back(prompts_.rows[decoder.prompts()[i]] +
                       static_cast<TokenPos>(decoder.batch().past_of(i)));
    }
    // Means are of the prompts: what is generated behind them does not count.
    recorder_.begin(decoder.batch(), rows, first ? prompts_.index : std::vector<std::size_t>());
}

// What the model said last: another token of the text, or its end.
bool GeneratingBatch::goes_on(std::size_t prompt, std::int64_t next, std::uint32_t step) {
    const TokenPos row = prompts_.rows[prompt] + prompts_.ids[prompt].size() + step;
    if (step == generation_.most || next == generation_.eos) {
        const float none[] = {std::numeric_limits<float>::quiet_NaN()};
        if (generation_.nll) writer_.write_nll(row - 1, none);
        return false;
    }
    const std::uint32_t id[] = {static_cast<std::uint32_t>(next)};
    writer_.write_generated(row, id);
    if (!texts_.empty()) texts_[prompt].add(id[0]);
    ++generated_;
    return true;
}

// What the last pass computed, to who watches.
void GeneratingBatch::show(const GreedyDecoder& decoder) const {
    for (std::size_t i = 0; i < decoder.prompts().size(); ++i) {
        generation_.live(live_tokens(decoder.batch(), i, decoder.prompts()[i]));
    }
}

LiveTokens GeneratingBatch::live_tokens(const TokenBatch& batch, std::size_t i,
                                        std::size_t prompt) const {
    LiveTokens live{.prompt = prompts_.index[prompt],
                    .first = static_cast<std::size_t>(batch.past_of(i)),
                    .of_prompt = prompts_.ids[prompt].size(),
                    .text = text_of(prompt)};
    if (!texts_.empty()) live.text += texts_[prompt].text();
    const auto from = static_cast<std::size_t>(batch.begin(i));
    const auto rows = static_cast<std::size_t>(batch.end(i)) - from;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto [begin, end] = place(prompt, live.first + row);
        live.ids.push_back(static_cast<std::uint32_t>(batch.ids[from + row]));
        live.begin.push_back(begin);
        live.end.push_back(end);
    }
    for (std::size_t l = 0; l < recorder_.choices().size(); ++l) {
        const Grid<ExpertId>& all = recorder_.choices()[l];
        const auto part = all.values().subspan(from * all.cols(), rows * all.cols());
        live.layers.push_back(layout_.header.layers[l].layer);
        live.experts.emplace_back(rows, all.cols(),
                                  std::vector<ExpertId>(part.begin(), part.end()));
    }
    return live;
}

// Bytes of a token in the prompt's text and what is generated behind it.
std::pair<std::uint32_t, std::uint32_t> GeneratingBatch::place(std::size_t prompt,
                                                               std::size_t position) const {
    const std::size_t own = prompts_.ids[prompt].size();
    if (position < own) {
        const TokenPos row = prompts_.rows[prompt] + position;
        return {layout_.tokens.byte_begin[row], layout_.tokens.byte_end[row]};
    }
    if (texts_.empty()) return {0, 0};
    const auto behind = static_cast<std::uint32_t>(text_of(prompt).size());
    return {behind + texts_[prompt].begin()[position - own],
            behind + texts_[prompt].end()[position - own]};
}

const std::string& GeneratingBatch::text_of(std::size_t prompt) const {
    return layout_.header.prompts.text[prompts_.index[prompt]];
}

void GeneratingBatch::write_texts() {
    for (std::size_t p = 0; p < texts_.size(); ++p) {
        StreamedText& text = texts_[p];
        text.cut(generation_.most * kBytesOfGeneratedToken);
        writer_.write_generated_text(prompts_.index[p], text.text(),
                                     prompts_.rows[p] + prompts_.ids[p].size(), text.begin(),
                                     text.end());
    }
}

}  // namespace alluvium

// alluvium_bench_search FOLDER [TOKENS]: how long searches in a trace of 10 million tokens (48
// layers, 8 of 128 experts, 12 languages in translation groups) take once its layers are indexed,
// one JSON object per query on standard output. FOLDER keeps the index, about 0.5 GB.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "analysis/search/route_search.h"
#include "base/error.h"
#include "base/json.h"
#include "captures/languages.h"
#include "tests/bench/measure.h"

namespace {

using namespace alluvium;

constexpr std::uint32_t kPromptTokens = 100, kExperts = 128, kTopK = 8;
constexpr std::size_t kRepeats = 9;

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

TraceHeader header_of(std::uint64_t tokens, const std::string& path) {
    TraceHeader header;
    header.path = path;
    header.token_count = tokens;
    std::vector<std::string> languages;
    for (const Language& language : LanguageTable::instance().all()) {
        if (language.major) languages.push_back(language.code);
    }
    PromptTable& prompts = header.prompts;
    for (TokenPos first = 0; first < tokens; first += kPromptTokens) {
        const std::size_t p = prompts.size();
        prompts.id.push_back("p" + std::to_string(p));
        prompts.text.emplace_back(kPromptTokens * 4, 'a' + static_cast<char>(p % 26));
        prompts.language.push_back(languages[p % languages.size()]);
        prompts.group.push_back("g" + std::to_string(p / languages.size()));
        prompts.domain.emplace_back(p / languages.size() % 3 == 0 ? "medical" : "news");
        prompts.first_token.push_back(first);
        prompts.token_count.push_back(
            static_cast<std::uint32_t>(std::min<TokenPos>(kPromptTokens, tokens - first)));
        prompts.truncated.push_back(0);
        prompts.done.push_back(1);
    }
    for (LayerId l = 0; l < 48; ++l) {
        RoutedLayerInfo layer;
        layer.layer = l;
        layer.experts = kExperts;
        layer.top_k = kTopK;
        layer.has_margin = true;
        header.layers.push_back(layer);
    }
    return header;
}

// Rows made up when asked for: every token's experts follow from its number, its layer and, for a
// third of the tokens, its language.
class MadeUpTrace final : public RoutingTrace {
  public:
    using RoutingTrace::RoutingTrace;

    TokenTable tokens(TokenRange range) const override {
        TokenTable table;
        for (TokenPos t = range.begin; t < range.end; ++t) {
            const auto position = static_cast<std::uint32_t>(t % kPromptTokens);
            table.id.push_back(static_cast<std::uint32_t>(mixed(t) % 50000));
            table.prompt.push_back(static_cast<std::uint32_t>(t / kPromptTokens));
            table.position.push_back(position);
            table.byte_begin.push_back(4 * position);
            table.byte_end.push_back(4 * position + 4);
        }
        table.phase.assign(range.size(), 0);
        table.special.assign(range.size(), 0);
        return table;
    }
    Grid<ExpertId> experts(std::size_t routed, TokenRange range) const override {
        Grid<ExpertId> grid(range.size(), kTopK);
        for (TokenPos t = range.begin; t < range.end; ++t) {
            const std::uint64_t draw = mixed(t * 64 + routed);
            const bool pulled = draw % 3 == 0;
            const std::uint64_t base = pulled ? t / kPromptTokens % 12 * 8 : draw >> 32;
            // Odd steps visit every expert once.
            const std::uint64_t step = 2 * (draw >> 8 & 63) + 1;
            for (std::uint32_t r = 0; r < kTopK; ++r) {
                grid(t - range.begin, r) = static_cast<ExpertId>((base + r * step) % kExperts);
            }
        }
        return grid;
    }
    std::vector<float> margin(std::size_t routed, TokenRange range) const override {
        std::vector<float> margins;
        for (TokenPos t = range.begin; t < range.end; ++t) {
            margins.push_back(static_cast<float>(mixed(t * 64 + routed + 7) >> 40) * 0x1p-24f);
        }
        return margins;
    }
    Grid<float> weights(std::size_t, TokenRange range) const override {
        return Grid<float>(range.size(), kTopK, 1.0f);
    }
    Grid<float> logits(std::size_t, TokenRange range) const override {
        return Grid<float>(range.size(), 0);
    }
    Grid<ExpertId> random_experts(std::size_t, std::uint32_t, TokenRange range) const override {
        return Grid<ExpertId>(range.size(), 0);
    }
    Grid<float> hidden(LayerId, TokenRange range) const override {
        return Grid<float>(range.size(), 0);
    }
    std::vector<float> next_token_nll(TokenRange range) const override {
        return std::vector<float>(range.size(), 0.0f);
    }
    LayerCounts counts(std::size_t) const override { return {}; }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(const std::string& query, const RoutingTrace& trace, const std::filesystem::path& folder) {
    SearchOptions options;
    options.index_folder = folder;
    Progress progress;
    const auto start = std::chrono::steady_clock::now();
    search_routes(trace, query, options, progress);
    const double first = seconds_since(start);
    std::vector<double> seconds, cpu_seconds;
    std::uint64_t hits = 0;
    for (std::size_t i = 0; i < kRepeats; ++i) {
        const auto again = std::chrono::steady_clock::now();
        const double cpu = bench::process_cpu_seconds();
        hits = search_routes(trace, query, options, progress).hits;
        cpu_seconds.push_back(bench::process_cpu_seconds() - cpu);
        seconds.push_back(seconds_since(again));
    }
    std::sort(seconds.begin(), seconds.end());
    std::cout << Json{{"query", query},
                      {"tokens", trace.header().token_count},
                      {"hits", hits},
                      {"first_s", first},
                      {"median_s", seconds[kRepeats / 2]},
                      {"median_cpu_s", bench::median(cpu_seconds)},
                      {"worst_s", seconds.back()}}
                     .dump()
              << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::cerr << "usage: alluvium_bench_search FOLDER [TOKENS]\n";
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    const std::uint64_t tokens = argc > 2 ? std::stoull(argv[2]) : 10'000'000;
    std::filesystem::create_directories(folder);
    // The index is kept for a file, whose change it notices.
    const std::filesystem::path file = folder / "made-up-trace";
    if (!std::filesystem::exists(file)) std::ofstream(file) << tokens;
    const MadeUpTrace trace(header_of(tokens, file.string()));
    for (const char* query : {"L22:E3", "L22:E3 then L23:E7", "L22:E3 then L23:E7 and language=fr",
                              "L22:E3|E4|E5 and not L23:E7 and domain=medical and class=word",
                              "L22:E3 then L23:E7 and language=fr and margin>0.5"}) {
        run(query, trace, folder);
    }
} catch (const UserError& e) {
    std::cerr << "error: " << e.what() << "\nhint: " << e.hint() << "\n";
    return 2;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
}

#include "analysis/token_runs.h"

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace alluvium;

namespace {

std::vector<TokenRun> listed(const TokenRuns& runs) {
    std::vector<TokenRun> result;
    for (const TokenRun& run : runs) result.push_back(run);
    return result;
}

struct Mixture {
    double taken;           // share of the rows
    std::uint32_t prompts;  // that alternate inside 40 rows
    TokenPos longest;       // run
};

// Runs of prompts of 40 rows, split into `prompts` that alternate; neighbours that belong together
// are one run.
std::vector<TokenRun> random_runs(const Mixture& mixture, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<TokenRun> runs;
    TokenPos row = 5;
    while (row < 4000) {
        const TokenPos end = row + 1 + random() % mixture.longest;
        const auto prompt =
            static_cast<std::uint32_t>(row / 40 * mixture.prompts + random() % mixture.prompts);
        const bool taken = random() % 1000 < mixture.taken * 1000;
        if (taken && !runs.empty() && runs.back().end == row && runs.back().prompt == prompt) {
            runs.back().end = end;
        } else if (taken) {
            runs.push_back({row, end, prompt});
        }
        row = end;
    }
    return runs;
}

}  // namespace

TEST_CASE("Runs come back as they were added, however rows and prompts alternate") {
    const Mixture mixture =
        GENERATE(Mixture{1.0, 1, 1}, Mixture{0.5, 1, 1}, Mixture{0.02, 1, 1}, Mixture{0.7, 5, 1},
                 Mixture{1.0, 6, 3}, Mixture{0.8, 40, 2}, Mixture{0.6, 1, 200});
    const unsigned seed = GENERATE(1U, 2U, 3U);
    const std::vector<TokenRun> runs = random_runs(mixture, seed);
    TokenRuns kept;
    for (const TokenRun& run : runs) kept.add(run);
    CHECK((listed(kept) == runs));
}

TEST_CASE("Rows added one by one make the longest runs") {
    TokenRuns runs;
    for (const TokenPos row : {2, 3, 4, 7, 8, 9, 200, 201}) {
        runs.add({row, row + 1, row < 9 ? 1U : 2U});
    }
    CHECK((listed(runs) == std::vector<TokenRun>{{2, 5, 1}, {7, 9, 1}, {9, 10, 2}, {200, 202, 2}}));
    CHECK(TokenRuns().empty());
    CHECK(listed(TokenRuns()).empty());
}

TEST_CASE("A slice of single tokens takes less than a byte a row") {
    TokenRuns every_other, alternating, whole;
    for (TokenPos row = 0; row < 1'000'000; ++row) {
        if (row % 2 == 0) every_other.add({row, row + 1, static_cast<std::uint32_t>(row / 100)});
        // Prompts of 100 rows, split into 5 classes.
        alternating.add({row, row + 1, static_cast<std::uint32_t>(row / 100 * 5 + row % 5)});
        whole.add({row, row + 1, static_cast<std::uint32_t>(row / 100)});
    }
    // Vectors may have twice the room they need; with a run of 24 bytes each it would be 12 and 24
    // bytes a row.
    CHECK(every_other.bytes() < 1'500'000);
    CHECK(alternating.bytes() < 2'000'000);
    CHECK(whole.bytes() <= 2 * 10'000 * 32);
}

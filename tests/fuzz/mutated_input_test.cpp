// Readers of files from elsewhere, fed with files that went wrong: a value or a UserError, never a
// crash. A few seconds each time; ALLUVIUM_FUZZ_SECONDS makes it longer, tests/fuzz/fuzzer.cpp is
// the same under libFuzzer.
#include <array>
#include <chrono>
#include <cstdlib>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "tests/fuzz/targets.h"

using namespace alluvium;

namespace {

using Clock = std::chrono::steady_clock;

std::chrono::duration<double> time_for_each_target() {
    const char* given = std::getenv("ALLUVIUM_FUZZ_SECONDS");
    const double all = given == nullptr ? 5 : std::atof(given);
    return std::chrono::duration<double>(all / static_cast<double>(test::fuzz_targets().size()));
}

// Flipped bits, values at the ends of their range, parts cut out, doubled or moved.
std::string mutated(std::string bytes, std::mt19937& random) {
    const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
    for (std::size_t changes = 1 + below(4); changes-- > 0 && !bytes.empty();) {
        const std::size_t at = below(bytes.size());
        const std::size_t length = 1 + below(std::min<std::size_t>(bytes.size() - at, 40));
        constexpr std::array<char, 6> ends = {'\0', '\x01', '\x7f', '\x80', '\xff', '9'};
        switch (below(6)) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                bytes[at] = ends[below(ends.size())];
                break;
            case 2:
                bytes.erase(at, length);
                break;
            case 3:
                bytes.insert(below(bytes.size()), bytes.substr(at, length));
                break;
            case 4:
                bytes.resize(at);
                break;
            default:
                bytes.insert(at, length, ends[below(ends.size())]);
                break;
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("Files that went wrong are read or refused, never more", "[model]") {
    const auto index = GENERATE(range(std::size_t{0}, test::fuzz_targets().size()));
    const test::FuzzTarget& target = test::fuzz_targets()[index];
    CAPTURE(target.name);
    std::mt19937 random(7);
    const auto end = Clock::now() + time_for_each_target();
    std::vector<std::string> seeds;
    for (const std::string& seed : target.seeds) {
        seeds.push_back(read_file(std::filesystem::path(ALLUVIUM_SOURCE_DIR) / seed));
        CHECK_NOTHROW(target.read(std::as_bytes(std::span(seeds.back()))));
    }
    std::size_t tried = 0;
    for (; Clock::now() < end; ++tried) {
        const std::string input = mutated(seeds[random() % seeds.size()], random);
        CAPTURE(tried);
        CHECK_NOTHROW(
            test::accepting_user_errors([&] { target.read(std::as_bytes(std::span(input))); }));
    }
    CHECK(tried > 0);
}

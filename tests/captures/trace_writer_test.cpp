#include "captures/trace_writer.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "captures/generated_text.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;
using namespace std::chrono_literals;

constexpr std::uint32_t kPromptTokens = 16;

// A capture of `prompts` prompts whose every value is known from its place.
TraceLayout layout_of(std::size_t prompts) {
    TraceData data = test::sample_trace(
        {.token_counts = std::vector<std::uint32_t>(prompts, kPromptTokens), .experts = 300});
    TraceLayout layout{.header = data.header, .tokens = data.tokens};
    for (RoutedLayerInfo& info : layout.header.layers) {
        info.has_weights = true;
        info.has_logits = true;
        info.has_margin = true;
    }
    layout.next_token_nll = true;
    return layout;
}

ExpertId expert_at(std::size_t routed, TokenPos row, std::size_t slot) {
    return static_cast<ExpertId>((row + 7 * routed + slot) % 300);
}

float value_at(std::size_t routed, TokenPos row, std::size_t column) {
    return static_cast<float>((row + 3 * routed + column) % 512) / 8;
}

Grid<float> values_at(std::size_t routed, TokenRange range, std::size_t columns) {
    Grid<float> grid(range.size(), columns);
    for (std::size_t i = 0; i < grid.rows(); ++i) {
        for (std::size_t c = 0; c < columns; ++c) grid(i, c) = value_at(routed, range.begin + i, c);
    }
    return grid;
}

Grid<ExpertId> experts_at(std::size_t routed, TokenRange range) {
    Grid<ExpertId> grid(range.size(), 2);
    for (std::size_t i = 0; i < grid.rows(); ++i) {
        for (std::size_t c = 0; c < 2; ++c) grid(i, c) = expert_at(routed, range.begin + i, c);
    }
    return grid;
}

void write_prompt(TraceWriter& writer, std::size_t prompt) {
    const TokenRange rows{prompt * kPromptTokens, (prompt + 1) * kPromptTokens};
    for (std::size_t routed = 0; routed < 2; ++routed) {
        writer.write_experts(routed, rows.begin, experts_at(routed, rows).values());
        writer.write_weights(routed, rows.begin, values_at(routed, rows, 2).values());
        writer.write_logits(routed, rows.begin, values_at(routed, rows, 300).values());
        writer.write_margin(routed, rows.begin, values_at(routed, rows, 1).values());
    }
    writer.write_nll(rows.begin, values_at(9, rows, 1).values());
    writer.finish_prompts(prompt, 1);
}

bool holds_prompt(const RoutingTrace& trace, std::size_t prompt) {
    const TokenRange rows{prompt * kPromptTokens, (prompt + 1) * kPromptTokens};
    for (std::size_t routed = 0; routed < 2; ++routed) {
        if (trace.experts(routed, rows) != experts_at(routed, rows)) return false;
        if (trace.weights(routed, rows) != values_at(routed, rows, 2)) return false;
        if (trace.logits(routed, rows) != values_at(routed, rows, 300)) return false;
        const Grid<float> margin(rows.size(), 1, trace.margin(routed, rows));
        if (margin != values_at(routed, rows, 1)) return false;
    }
    return Grid<float>(rows.size(), 1, trace.next_token_nll(rows)) == values_at(9, rows, 1);
}

std::size_t count_done(const RoutingTrace& trace) {
    const auto& done = trace.header().prompts.done;
    return static_cast<std::size_t>(std::ranges::count(done, 1));
}

// Runs `body` in a child process and returns its process id; the child never comes back.
template <typename Body>
pid_t in_child(Body body) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    try {
        body();
    } catch (...) {
        ::_exit(99);
    }
    ::_exit(0);
}

int exit_code(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_CASE("a capture holds what was written and nothing of prompts that were not finished") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    {
        TraceWriter writer = TraceWriter::create(path, layout_of(4), false);
        write_prompt(writer, 2);
        write_prompt(writer, 0);
        CHECK(std::ranges::equal(writer.done(), std::vector<std::uint8_t>{1, 0, 1, 0}));
    }
    const TracePtr trace = open_trace(path);
    CHECK(trace->header().prompts.done == std::vector<std::uint8_t>{1, 0, 1, 0});
    CHECK(holds_prompt(*trace, 0));
    CHECK(holds_prompt(*trace, 2));
    CHECK(trace->experts(0, {16, 17})(0, 0) == kMissingExpert);
    CHECK(std::isnan(trace->margin(1, {63, 64})[0]));
    REQUIRE(trace->header().warnings.size() == 1);
    CHECK_THAT(trace->header().warnings[0], ContainsSubstring("only 2 of 4 prompts are done"));
}

// Waits, up to a limit that only a stuck child reaches.
template <typename Condition>
void wait_until(Condition condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
}

std::size_t broken_prompts(const RoutingTrace& trace) {
    std::size_t broken = 0;
    for (std::size_t prompt = 0; prompt < trace.header().prompts.size(); ++prompt) {
        const bool done = trace.header().prompts.done[prompt] != 0;
        broken += done && !holds_prompt(trace, prompt) ? 1 : 0;
    }
    return broken;
}

TEST_CASE("a killed capture opens and every prompt marked done is whole") {
    constexpr std::size_t kPrompts = 1000;
    const test::TemporaryFolder folder;
    std::mt19937 random(7);
    std::uniform_int_distribution<int> milliseconds(0, 40);
    std::size_t marked = 0;
    for (int round = 0; round < 6; ++round) {
        const std::string path = folder / ("t" + std::to_string(round) + ".h5");
        TraceLayout layout = layout_of(kPrompts);
        layout.sync_interval = 1ms;
        const pid_t child = in_child([&] {
            TraceWriter writer = TraceWriter::create(path, layout, false);
            for (std::size_t prompt = 0; prompt < kPrompts; ++prompt) write_prompt(writer, prompt);
            writer.sync();
        });
        wait_until([&] { return std::filesystem::exists(path); });
        // Half of them are killed while marks are being written, whenever the disk lets them start.
        if (round % 2 == 0) wait_until([&] { return count_done(*open_trace(path)) > 0; });
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random)));
        ::kill(child, SIGKILL);
        exit_code(child);

        const TracePtr trace = open_trace(path);
        CHECK(broken_prompts(*trace) == 0);
        marked += count_done(*trace);
    }
    CHECK(marked > 0);
}

TEST_CASE("a resumed capture keeps what is done and ends as if it had never stopped") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    {
        TraceWriter writer = TraceWriter::create(path, layout_of(3), false);
        write_prompt(writer, 1);
    }
    {
        TraceWriter writer = TraceWriter::resume(path, layout_of(3));
        CHECK(std::ranges::equal(writer.done(), std::vector<std::uint8_t>{0, 1, 0}));
        write_prompt(writer, 0);
        write_prompt(writer, 2);
        writer.sync();
        CHECK(count_done(*open_trace(path)) == 3);
    }
    const TracePtr trace = open_trace(path);
    for (std::size_t prompt = 0; prompt < 3; ++prompt) CHECK(holds_prompt(*trace, prompt));
    CHECK(trace->header().warnings.empty());
}

std::string resume_failure(const std::string& path, const TraceLayout& layout) {
    try {
        TraceWriter::resume(path, layout);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}

TEST_CASE("a capture is not resumed with anything that would change its rows") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    TraceWriter::create(path, layout_of(3), false);
    CHECK(resume_failure(path, layout_of(3)) == "no error");
    TraceLayout other = layout_of(3);
    other.header.model.checkpoint_id = "decaf";
    CHECK_THAT(resume_failure(path, other),
               ContainsSubstring("the checkpoint's id was 'c0ffee' and is now 'decaf'"));
    other = layout_of(3);
    other.header.provenance["options_json"] = "{}";
    CHECK_THAT(resume_failure(path, other), ContainsSubstring("the options"));
    other = layout_of(3);
    other.header.prompts.text[1] = "other";
    CHECK_THAT(resume_failure(path, other), ContainsSubstring("prompt 2 ('p1') has another text"));
    other = layout_of(3);
    other.tokens.id[20] = 5;
    CHECK_THAT(resume_failure(path, other), ContainsSubstring("token 20 differs"));
    other = layout_of(3);
    other.header.layers[1].has_logits = false;
    CHECK_THAT(resume_failure(path, other), ContainsSubstring("layer 4 records other fields"));
    other = layout_of(3);
    other.precision = Precision::f32;
    CHECK_THAT(resume_failure(path, other), ContainsSubstring("holds 16-bit floats"));
    CHECK_THAT(resume_failure(path, layout_of(4)), ContainsSubstring("it has 3 prompts, not 4"));
}

TEST_CASE("an existing file is replaced only when asked") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    TraceWriter::create(path, layout_of(1), false);
    CHECK_THROWS_AS(TraceWriter::create(path, layout_of(2), false), UserError);
    TraceWriter::create(path, layout_of(2), true);
    CHECK(open_trace(path)->header().prompts.size() == 2);
    CHECK_THROWS_AS(TraceWriter::create(folder / "none/t.h5", layout_of(1), false), UserError);
}

TEST_CASE("two captures do not write the same file at once") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    const TraceWriter first = TraceWriter::create(path, layout_of(1), false);
    CHECK_THAT(resume_failure(path, layout_of(1)),
               ContainsSubstring("is being written by another process"));
    CHECK_THROWS_AS(TraceWriter::create(path, layout_of(1), true), UserError);
}

TEST_CASE("output logits are stored where they are asked for") {
    const test::TemporaryFolder folder;
    TraceLayout layout = layout_of(1);
    layout.output_logits = true;
    {
        TraceWriter writer = TraceWriter::create(folder / "t.h5", layout, false);
        writer.write_output_logits(0, values_at(4, {0, kPromptTokens}, 7).values());
        write_prompt(writer, 0);
    }
    const TracePtr trace = open_trace(folder / "t.h5");
    CHECK(trace->header().has_output_logits);
    CHECK(trace->output_logits({3, 16}) == values_at(4, {3, 16}, 7));
}

TEST_CASE("too little space is found before the first row and leaves nothing behind") {
    const test::TemporaryFolder folder;
    const TraceLayout layout = layout_of(1000);
    const pid_t child = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit { 2'000'000, 2'000'000 };
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            TraceWriter::create(folder / "t.h5", layout, false);
        } catch (const RunError& error) {
            const std::string what = error.what();
            ::_exit(what.find("not enough space") != std::string::npos &&
                            what.find("2.0 MB available") != std::string::npos
                        ? 3
                        : 4);
        }
    });
    CHECK(exit_code(child) == 3);
    CHECK(std::filesystem::is_empty(folder.path()));
}

// The last two rows of both prompts are reserved.
TraceLayout layout_with_reserved_rows() {
    TraceLayout layout = layout_of(2);
    layout.tokens.phase.assign(32, kPhasePrompt);
    for (const TokenPos row : {14, 15, 30, 31}) {
        layout.tokens.phase[row] = kPhaseUnused;
        layout.tokens.id[row] = 0xffffffff;
    }
    return layout;
}

TEST_CASE("rows reserved for generation are missing until they are written") {
    const test::TemporaryFolder folder;
    const TraceLayout layout = layout_with_reserved_rows();
    {
        TraceWriter writer = TraceWriter::create(folder / "t.h5", layout, false);
        write_prompt(writer, 0);
        const std::vector<std::uint32_t> generated{77};
        writer.write_generated(30, generated);
        write_prompt(writer, 1);
    }
    const TracePtr trace = open_trace(folder / "t.h5");
    const TokenTable tokens = trace->tokens({14, 32});
    CHECK(tokens.phase[0] == kPhaseUnused);
    CHECK(tokens.id[0] == 0xffffffff);
    CHECK(tokens.phase[16] == kPhaseGenerated);
    CHECK(tokens.id[16] == 77);
    CHECK(tokens.phase[17] == kPhaseUnused);
    CHECK(trace->experts(0, {14, 15})(0, 0) == kMissingExpert);
    CHECK(std::isnan(trace->logits(1, {31, 32})(0, 299)));
    CHECK(trace->experts(0, {30, 31}) == experts_at(0, {30, 31}));
    CHECK(resume_failure(folder / "t.h5", layout) == "no error");
}

TEST_CASE("generated text is read behind its prompt, with the places of its tokens") {
    const test::TemporaryFolder folder;
    const TraceLayout layout = layout_with_reserved_rows();
    const std::string behind = layout.header.prompts.text[1];
    {
        TraceWriter writer = TraceWriter::create(folder / "t.h5", layout, false);
        write_prompt(writer, 0);
        writer.write_generated(30, std::vector<std::uint32_t>{77, 78});
        writer.write_generated_text(1, " où là", 30, std::vector<std::uint32_t>{0, 4},
                                    std::vector<std::uint32_t>{4, 8});
        write_prompt(writer, 1);
    }
    const TracePtr trace = open_trace(folder / "t.h5");
    const PromptTable& prompts = trace->header().prompts;
    CHECK(whole_text(prompts, 0) == layout.header.prompts.text[0]);
    CHECK(whole_text(prompts, 1) == behind + " où là");
    const TokenTable tokens = trace->tokens({30, 32});
    CHECK(tokens.byte_begin[1] == behind.size() + 4);
    CHECK(tokens.byte_end[1] == behind.size() + 8);
    CHECK(stands_in_text(tokens, 0));
    CHECK_FALSE(stands_in_text(trace->tokens({14, 15}), 0));
    CHECK(resume_failure(folder / "t.h5", layout) == "no error");
}

TEST_CASE("what a stopped capture generated is gone when the resumed one generates less") {
    const test::TemporaryFolder folder;
    const TraceLayout layout = layout_with_reserved_rows();
    const std::vector<std::uint32_t> generated{77, 78};
    {
        TraceWriter writer = TraceWriter::create(folder / "t.h5", layout, false);
        writer.write_generated(14, generated);
    }
    {
        TraceWriter writer = TraceWriter::resume(folder / "t.h5", layout);
        writer.write_generated(14, std::span(generated).first(1));
        write_prompt(writer, 0);
    }
    const TokenTable tokens = open_trace(folder / "t.h5")->tokens({14, 16});
    CHECK(tokens.id == std::vector<std::uint32_t>{77, 0xffffffff});
    CHECK(tokens.phase == std::vector<std::uint8_t>{kPhaseGenerated, kPhaseUnused});
}

}  // namespace
}  // namespace alluvium

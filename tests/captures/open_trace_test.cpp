#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "captures/trace_data.h"
#include "tests/captures/faulty_file.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;
using hdf5::Handle;

std::string failure(const std::string& path) {
    try {
        open_trace(path);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}

void set_version(const std::string& path, std::int64_t version) {
    test::edit(path, [&](const Handle& file) {
        H5Adelete(file.get(), "format_version");
        hdf5::write_attribute(file, "format_version", version);
    });
}

TEST_CASE("what is no trace is refused by name") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    CHECK_THAT(failure(path), ContainsSubstring("cannot open '" + path + "'"));
    write_file_atomically(path, "not HDF5 at all");
    CHECK_THAT(failure(path), ContainsSubstring("is not an HDF5 file"));
    write_file_atomically(path, "");
    CHECK_THAT(failure(path), ContainsSubstring("is not an HDF5 file"));
    std::filesystem::remove(path);
    {
        const hdf5::LibraryLock lock;
        hdf5::create_file(path);
    }
    CHECK_THAT(failure(path), ContainsSubstring("no alluvium trace"));
    CHECK_THROWS_AS(open_trace(folder.path().string()), UserError);
}

TEST_CASE("a newer format is refused by its version") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({}), path);
    set_version(path, 2);
    CHECK_THAT(failure(path), ContainsSubstring("is a trace of format version 2") &&
                                  ContainsSubstring("reads up to version 1"));
    set_version(path, 0);
    CHECK_THAT(failure(path), ContainsSubstring("no valid attribute 'format_version'"));
}

TEST_CASE("a truncated file is refused wherever it was cut") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({.token_counts = {5000, 5000}, .everything = true}), path);
    const auto size = std::filesystem::file_size(path);
    for (int percent = 99; percent >= 0; percent -= 9) {
        std::filesystem::resize_file(path, size * static_cast<unsigned>(percent) / 100);
        CAPTURE(percent);
        CHECK_THAT(failure(path), ContainsSubstring(path));
        CHECK(failure(path) != "no error");
    }
}

TEST_CASE("a dataset that is missing or of the wrong shape is named") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    const auto fresh = [&] { write_trace(test::sample_trace({}), path); };
    fresh();
    test::remove_link(path, "prompts/token_count");
    CHECK_THAT(failure(path), ContainsSubstring("'prompts/token_count'"));
    fresh();
    test::remove_link(path, "tokens/id");
    CHECK_THAT(failure(path), ContainsSubstring("no dataset 'tokens/id'"));
    fresh();
    test::remove_link(path, "layers/001/weight");
    test::edit(path, [](const Handle& file) {
        hdf5::write_numbers(file, "layers/001/weight", hdf5::NumberType::f32, {7, 2}, {});
    });
    CHECK_THAT(failure(path),
               ContainsSubstring("'layers/001/weight' has shape [7, 2], expected [8, 2]"));
    fresh();
    test::remove_link(path, "prompts/language");
    test::edit(path, [](const Handle& file) {
        hdf5::write_strings(file, "prompts/language", std::vector<std::string>{"en"});
    });
    CHECK_THAT(failure(path), ContainsSubstring("'prompts/language' has 1 rows, expected 3"));
}

TEST_CASE("optional columns may be absent") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({}), path);
    for (const char* link : {"tokens/phase", "tokens/special", "tokens/prompt", "tokens/position",
                             "tokens/byte_begin", "prompts/extra", "prompts/group", "prompts/done",
                             "prompts/first_token", "provenance", "model", "layers/004/weight"}) {
        test::remove_link(path, link);
    }
    const TracePtr trace = open_trace(path);
    const TokenTable tokens = trace->tokens({2, 5});
    CHECK(tokens.prompt == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(tokens.position == std::vector<std::uint32_t>{2, 0, 0});
    CHECK(tokens.phase == std::vector<std::uint8_t>{0, 0, 0});
    CHECK(trace->header().prompts.done == std::vector<std::uint8_t>{1, 1, 1});
    CHECK(trace->header().prompts.group == std::vector<std::string>{"", "", ""});
    CHECK_FALSE(trace->layers()[1].has_weights);
    CHECK(trace->layers()[1].has_experts);
}

// Two tokens, three experts, top 2, with the types other programs and machines choose.
std::string foreign_file(const test::TemporaryFolder& folder) {
    const std::string path = folder / "foreign.h5";
    const hdf5::LibraryLock lock;
    const Handle file = hdf5::create_file(path);
    hdf5::write_attribute(file, "format", "alluvium-trace");
    hdf5::write_attribute(file, "format_version", std::int64_t{1});
    const std::vector<hsize_t> one{1}, two{2}, rows{2, 2};
    test::write_as<int>(file, "prompts/token_count", H5T_STD_I64BE, H5T_NATIVE_INT, one, {2});
    test::write_fixed_strings(file, "prompts/language", 4, H5T_STR_SPACEPAD, "en  ");
    test::write_fixed_strings(file, "prompts/text", 6, H5T_STR_NULLPAD,
                              std::string("a b\0\0\0", 6));
    test::write_as<int>(file, "tokens/id", H5T_STD_U16BE, H5T_NATIVE_INT, two, {7, 65535});
    test::write_as<int>(file, "layers/3/expert", H5T_STD_I32BE, H5T_NATIVE_INT, rows,
                        {2, -1, 70000, 0});
    test::write_as<double>(file, "layers/3/weight", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, rows,
                           {0.75, 0.25, 1, 0});
    test::write_as<int>(file, "layers/5/expert", H5T_STD_I64LE, H5T_NATIVE_INT, rows,
                        {0, 1, 2, -1});
    for (const char* layer : {"layers/3", "layers/5"}) {
        hdf5::write_attribute(hdf5::open_group(file, layer), "experts", std::int64_t{3});
    }
    return path;
}

TEST_CASE("other integer widths, byte orders and fixed-length strings are read") {
    const test::TemporaryFolder folder;
    const TracePtr trace = open_trace(foreign_file(folder));
    CHECK(trace->header().prompts.language[0] == "en");
    CHECK(trace->header().prompts.text[0] == "a b");
    CHECK(trace->tokens({0, 2}).id == std::vector<std::uint32_t>{7, 65535});
    REQUIRE(trace->layers().size() == 2);
    CHECK(trace->layers()[0].layer == 3);
    CHECK(trace->layers()[0].top_k == 2);
    const Grid<ExpertId> experts = trace->experts(0, {0, 2});
    CHECK(experts == Grid<ExpertId>(2, 2, {2, kMissingExpert, kMissingExpert, kMissingExpert}));
    CHECK(trace->weights(0, {0, 2})(0, 0) == 0.75F);
    CHECK(std::isnan(trace->weights(0, {0, 2})(1, 0)));
    CHECK(trace->experts(1, {0, 2}) == Grid<ExpertId>(2, 2, {0, 1, 2, kMissingExpert}));
}

TEST_CASE("a chunked, compressed copy reads like the original, also from several threads") {
    if (std::system("command -v h5repack > /dev/null") != 0) SKIP("no h5repack (hdf5-tools)");
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({.token_counts = {700, 300}, .everything = true}), path);
    const std::string packed = folder / "packed.h5";
    const std::string command =
        "h5repack -m 64 -l tokens/id,layers/001/margin:CHUNK=256 "
        "-l layers/001/expert,layers/001/weight:CHUNK=64x2 -l layers/004/logit:CHUNK=100x8 "
        "-l layers/001/random_expert:CHUNK=1x100x2 -f GZIP=4 '" +
        path + "' '" + packed + "'";
    REQUIRE(std::system(command.c_str()) == 0);
    const TracePtr a = open_trace(path);
    const TracePtr b = open_trace(packed);
    const TokenRange range{13, 977};
    std::vector<std::thread> threads;
    std::array<bool, 4> same{};
    for (std::size_t i = 0; i < same.size(); ++i) {
        threads.emplace_back([&, i] {
            same[i] = a->experts(0, range) == b->experts(0, range) &&
                      a->weights(0, range) == b->weights(0, range) &&
                      a->logits(1, range) == b->logits(1, range) &&
                      a->random_experts(0, 1, range) == b->random_experts(0, 1, range) &&
                      a->tokens(range).id == b->tokens(range).id;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(same == std::array<bool, 4>{true, true, true, true});
}

TEST_CASE("prompts that claim rows that are not there are missing with a warning") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({}), path);
    test::poke<std::uint32_t>(path, "prompts/token_count", 2, 9);
    const TracePtr trace = open_trace(path);
    CHECK(trace->header().prompts.done == std::vector<std::uint8_t>{1, 1, 0});
    CHECK_THAT(trace->header().warnings.at(0),
               ContainsSubstring("1 prompts claim tokens that are not in the file"));
    CHECK(trace->experts(0, {7, 8})(0, 0) == kMissingExpert);
}

}  // namespace
}  // namespace alluvium

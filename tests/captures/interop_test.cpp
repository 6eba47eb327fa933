// What other programs see in a trace file: h5dump (hdf5-tools) and, where Python has it, h5py.
#include <array>
#include <cstdio>
#include <cstdlib>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/files.h"
#include "captures/trace_data.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;

struct Outcome {
    int status = 0;
    std::string output;  // stdout and stderr
};

Outcome run(const std::string& command) {
    Outcome outcome;
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        outcome.output.append(buffer.data(), n);
    }
    outcome.status = ::pclose(pipe);
    return outcome;
}

// $ALLUVIUM_PYTHON, or python3, if it has h5py.
std::string python_with_h5py() {
    const char* given = std::getenv("ALLUVIUM_PYTHON");
    const std::string python = given != nullptr ? given : "python3";
    return run("'" + python + "' -c 'import h5py'").status == 0 ? python : "";
}

TEST_CASE("h5dump reads a trace without plug-ins") {
    if (run("h5dump --version").status != 0) SKIP("no h5dump (hdf5-tools)");
    const test::TemporaryFolder folder;
    const std::string path = folder / "t.h5";
    write_trace(test::sample_trace({.everything = true}), path);
    const Outcome header = run("h5dump -H -p '" + path + "'");
    CHECK(header.status == 0);
    CHECK_THAT(header.output, ContainsSubstring("DATASET \"random_expert\"") &&
                                  ContainsSubstring("16-bit little-endian floating-point") &&
                                  !ContainsSubstring("CHUNKED"));
    const Outcome texts = run("h5dump -d /prompts/text '" + path + "'");
    CHECK(texts.status == 0);
    CHECK_THAT(texts.output, ContainsSubstring("How are you?"));
}

constexpr std::string_view kScript = R"(
import sys, h5py, numpy as np
with h5py.File(sys.argv[1]) as f:
    assert f.attrs['format'] == 'alluvium-trace' and f.attrs['format_version'] == 1
    assert f.attrs['kind'] == 'tokens'
    assert f['prompts/text'].asstr()[2] == '\u0926\u0930\u094d\u0926 \u0915\u0939\u093e\u0901 \u0939\u0948?'
    assert f['prompts/first_token'].dtype == np.uint64 and f['prompts/done'].dtype == np.uint8
    assert f['prompts/done'][:].tolist() == [1, 1, 1]
    assert f['tokens/id'].dtype == np.uint32 and f['tokens/id'][7] == 100007
    layer = f['layers/004']
    assert layer.attrs['layer'] == 4 and layer.attrs['experts'] == 8 and layer.attrs['top_k'] == 2
    assert layer['expert'].dtype == np.uint8 and layer['expert'].shape == (8, 2)
    assert layer['weight'].dtype == np.float16 and layer['logit'].dtype == np.float16
    assert layer['margin'].dtype == np.float32
    assert layer['random_expert'].shape == (2, 8, 2)
    assert layer['expert'].chunks is None
    print(' '.join(str(x) for x in layer['expert'][:].ravel()))
    print(' '.join('%.6f' % x for x in layer['logit'][3]))
)";

TEST_CASE("h5py reads a trace, half floats as float16") {
    const std::string python = python_with_h5py();
    if (python.empty()) SKIP("no python3 with h5py; ALLUVIUM_PYTHON names one");
    const test::TemporaryFolder folder;
    const TraceData data = test::sample_trace({.everything = true});
    write_trace(data, folder / "t.h5");
    write_file_atomically(folder / "read.py", kScript);
    const Outcome outcome = run("'" + python + "' '" + (folder / "read.py").string() + "' '" +
                                (folder / "t.h5").string() + "'");
    INFO(outcome.output);
    CHECK(outcome.status == 0);
    std::string expected;
    for (const ExpertId id : data.layers[1].experts.values()) {
        expected += (expected.empty() ? "" : " ") + std::to_string(id);
    }
    std::string logits;
    for (const float value : data.layers[1].logits.row(3)) {
        logits += (logits.empty() ? "" : " ") + std::to_string(value);
    }
    CHECK(outcome.output == expected + "\n" + logits + "\n");
}

constexpr std::string_view kWriter = R"(
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], 'w') as f:
    f.attrs['format'] = 'alluvium-trace'
    f.attrs['format_version'] = 1
    f['prompts/text'] = ['a b', '\u00fc']
    f['prompts/language'] = np.array([b'en', b'de'])
    f['prompts/token_count'] = [2, 1]
    f.create_dataset('tokens/id', data=np.array([5, 6, 7]), chunks=(2,), compression='gzip')
    g = f.create_group('layers/003')
    g.attrs['experts'] = 4
    g.create_dataset('expert', data=np.array([[0, 1], [3, 2], [2, -1]], dtype=np.int16),
                     chunks=(2, 2), compression='gzip', shuffle=True)
    g['weight'] = np.array([[0.75, 0.25], [0.5, 0.5], [1, 0]], dtype=np.float16)
)";

TEST_CASE("a trace that h5py wrote, compressed, opens") {
    const std::string python = python_with_h5py();
    if (python.empty()) SKIP("no python3 with h5py; ALLUVIUM_PYTHON names one");
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "write.py", kWriter);
    const Outcome outcome = run("'" + python + "' '" + (folder / "write.py").string() + "' '" +
                                (folder / "t.h5").string() + "'");
    INFO(outcome.output);
    REQUIRE(outcome.status == 0);
    const TracePtr trace = open_trace(folder / "t.h5");
    CHECK(trace->header().prompts.text[1] == "ü");
    CHECK(trace->header().prompts.language == std::vector<std::string>{"en", "de"});
    CHECK(trace->tokens({0, 3}).id == std::vector<std::uint32_t>{5, 6, 7});
    CHECK(trace->experts(0, {0, 3}) == Grid<ExpertId>(3, 2, {0, 1, 3, 2, 2, kMissingExpert}));
    CHECK(trace->weights(0, {1, 2})(0, 1) == 0.5F);
}

}  // namespace
}  // namespace alluvium

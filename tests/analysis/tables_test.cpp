#include <cstring>
#include <map>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/analyze.h"
#include "analysis/jackknife.h"
#include "analysis/tables/npz_file.h"
#include "analysis/tables/write_tables.h"
#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Approx;

namespace {

std::uint32_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    return value;
}

// The arrays of an archive, found through its local headers; no more of the format than this test
// wrote.
std::map<std::string, std::string> arrays_in(const std::filesystem::path& path) {
    const std::string bytes = read_file(path);
    std::map<std::string, std::string> arrays;
    std::size_t at = 0;
    while (number_at(bytes, at, 4) == 0x04034b50) {
        const std::size_t size = number_at(bytes, at + 22, 4), name = number_at(bytes, at + 26, 2);
        arrays[bytes.substr(at + 30, name)] = bytes.substr(at + 30 + name, size);
        at += 30 + name + size;
    }
    return arrays;
}

template <typename T>
std::vector<T> values_of(const std::string& npy) {
    const std::size_t begin = 10 + number_at(npy, 8, 2);
    std::vector<T> values((npy.size() - begin) / sizeof(T));
    std::memcpy(values.data(), npy.data() + begin, npy.size() - begin);
    return values;
}

double divergence_by_hand(const std::vector<std::uint32_t>& selections,
                          const std::vector<std::int32_t>& label, std::size_t groups) {
    const std::size_t experts = selections.size() / label.size();
    std::vector<std::vector<double>> share(groups, std::vector<double>(experts, 0.0));
    for (std::size_t p = 0; p < label.size(); ++p) {
        for (std::size_t e = 0; e < experts; ++e) {
            share[static_cast<std::size_t>(label[p])][e] += selections[p * experts + e];
        }
    }
    const auto entropy = [](std::vector<double> q) {
        double sum = 0, h = 0;
        for (const double x : q) sum += x;
        for (const double x : q) h -= x > 0 ? x / sum * std::log(x / sum) : 0;
        return h;
    };
    std::vector<double> mean(experts, 0.0);
    double inside = 0;
    for (auto& q : share) {
        double sum = 0;
        for (const double x : q) sum += x;
        for (std::size_t e = 0; e < experts; ++e) mean[e] += q[e] / sum;
        inside += entropy(q) / static_cast<double>(groups);
    }
    return (entropy(mean) - inside) / std::log(static_cast<double>(groups));
}

}  // namespace

TEST_CASE("Tables hold what the numbers of an analysis are made from") {
    PlantedTrace plan;
    plan.pull = [](double depth) { return depth / 2; };
    const TracePtr trace = planted_trace(plan);
    AnalysisOptions options;
    options.controls = ControlOptions::none();
    options.permutations = 30;
    Progress progress;
    const Analysis analysis = analyze(*trace, options, progress);
    const TemporaryFolder folder;
    write_tables(*trace, options, folder / "tables", progress);
    const auto sample = arrays_in(folder / "tables/sample.npz");
    const auto label = values_of<std::int32_t>(sample.at("label.npy"));
    REQUIRE(label.size() == 64);
    CHECK(sample.at("permuted_label.npy").find("'shape': (30,64,)") != std::string::npos);
    const auto layer = arrays_in(folder / "tables/layer-008.npz");
    const auto selections = values_of<std::uint32_t>(layer.at("selections.npy"));
    const Divergence& d = analysis.layers[8].divergence;
    CHECK(divergence_by_hand(selections, label, 4) == Approx(d.value));
    const auto without = values_of<double>(layer.at("divergence_without_unit.npy"));
    const auto stratum = values_of<std::int32_t>(sample.at("stratum.npy"));
    CHECK(jackknife(d.value, without, stratum).corrected == d.corrected);
    // The first permutation, recomputed.
    const auto permuted = values_of<std::int32_t>(sample.at("permuted_label.npy"));
    const std::vector<std::int32_t> first(permuted.begin(), permuted.begin() + 64);
    const auto null = values_of<double>(layer.at("divergence_permuted.npy"));
    CHECK(divergence_by_hand(selections, first, 4) == Approx(null.front()));
    CHECK(read_json(folder / "tables/names.json")["labels"].size() == 4);
}

TEST_CASE("Tables of aggregates are refused") {
    TraceData counts;
    counts.header.kind = TraceKind::counts;
    const TemporaryFolder folder;
    Progress progress;
    CHECK_THROWS_AS(write_tables(*make_trace(counts), {}, folder / "t", progress), UserError);
}

TEST_CASE("Archives are those of the zip and npy formats, byte by byte") {
    NpzFile file;
    const std::vector<std::int32_t> values = {1, -2, 3};
    file.add("a", std::span<const std::int32_t>(values), {3});
    const TemporaryFolder folder;
    file.write(folder / "a.npz");
    const std::string bytes = read_file(folder / "a.npz");
    const std::string npy = arrays_in(folder / "a.npz").at("a.npy");
    CHECK(npy.size() == 128 + 12);
    CHECK(npy.starts_with(std::string("\x93NUMPY\x01\x00\x76\x00", 10)));
    CHECK(values_of<std::int32_t>(npy) == values);
    // End of central directory: one entry, which lies behind the array.
    const std::size_t end = bytes.size() - 22;
    CHECK(number_at(bytes, end, 4) == 0x06054b50);
    CHECK(number_at(bytes, end + 10, 2) == 1);
    CHECK(number_at(bytes, number_at(bytes, end + 16, 4), 4) == 0x02014b50);
}

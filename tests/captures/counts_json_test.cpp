#include "captures/import/counts_json.h"

#include <numeric>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/reference_data.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr const char* kEnglish = R"({
  "2": {"0": {"activation_tokens": 6, "gate_values_sum": 2.5},
        "2": {"activation_tokens": 4, "gate_values_sum": 1.25}, "total_tokens": 5},
  "10": {"1": {"activation_tokens": 9, "gate_values_sum": 5}, "total_tokens": 5}})";
constexpr const char* kSwahili = R"({
  "10": {"0": {"activation_tokens": 4, "gate_values_sum": 2}, "total_tokens": 2},
  "2": {"1": {"activation_tokens": 4, "gate_values_sum": 0.5}, "total_tokens": 2}})";

class CountFiles {
  public:
    std::string write(const std::string& name, const std::string& content) const {
        write_file_atomically(folder_ / name, content);
        return folder_ / name;
    }
    std::string failure(const ImportRequest& request) const {
        try {
            import_counts_json(request);
        } catch (const UserError& error) {
            return error.what();
        }
        return "no error";
    }

  private:
    test::TemporaryFolder folder_;
};

TEST_CASE("published counts become a trace by group and layer") {
    const CountFiles files;
    const std::string config =
        files.write("some--model_config.json", R"({"num_experts": 4, "num_experts_per_tok": 2,
                    "num_hidden_layers": 12, "model_type": "qwen3_moe", "norm_topk_prob": true})");
    const TracePtr trace = make_trace(import_counts_json(
        {{files.write("mgsm_en.json", kEnglish), files.write("x_sw.json", kSwahili)}, config}));
    const TraceHeader& header = trace->header();
    CHECK(header.kind == TraceKind::counts);
    CHECK(header.groups.label == std::vector<std::string>{"en", "sw"});
    CHECK(header.groups.tokens == std::vector<std::uint64_t>{5, 2});
    REQUIRE(header.layers.size() == 2);
    CHECK(header.layers[0].layer == 2);
    CHECK(header.layers[1].layer == 10);
    CHECK(header.layers[0].experts == 4);
    CHECK(header.layers[0].rule == "top 2 of 4, weights renormalised");
    CHECK(header.model.name == "some/model");
    CHECK(trace->counts(0).count == Grid<std::uint64_t>(2, 4, {6, 0, 4, 0, 0, 4, 0, 0}));
    CHECK(trace->counts(1).weight_sum == Grid<double>(2, 4, {0, 5, 0, 0, 2, 0, 0, 0}));
    REQUIRE(header.warnings.size() == 1);
    CHECK(header.warnings[0] ==
          "group 'en': selections per layer are -1 to +0 off 5 tokens x 2; kept as published");
    CHECK(header.provenance.at("source_files") == "mgsm_en.json, x_sw.json");
}

TEST_CASE("without a config the shape of the routing is inferred and said to be so") {
    const CountFiles files;
    const TraceData data = import_counts_json({{files.write("a_en.json", kEnglish)}, ""});
    CHECK(data.header.layers[0].experts == 3);
    CHECK(data.header.layers[0].top_k == 2);
    CHECK_THAT(data.header.warnings.at(0), ContainsSubstring("top 2 of 3 is inferred"));
}

TEST_CASE("dense layers that a tool filled with zeros are left out") {
    const CountFiles files;
    const std::string config = files.write(
        "config.json", R"({"num_experts": 3, "num_experts_per_tok": 1, "mlp_only_layers": [0]})");
    const std::string counts = files.write("en.json", R"({
        "0": {"0": {"activation_tokens": 0, "gate_values_sum": 0}, "total_tokens": 2},
        "1": {"0": {"activation_tokens": 2, "gate_values_sum": 2}, "total_tokens": 2}})");
    const TraceData data = import_counts_json({{counts}, config});
    REQUIRE(data.header.layers.size() == 1);
    CHECK(data.header.layers[0].layer == 1);
    CHECK(data.header.groups.label[0] == "en");
}

TEST_CASE("count files that contradict each other or the config are refused by name") {
    const CountFiles files;
    const std::string en = files.write("a_en.json", kEnglish);
    const std::string small = files.write(
        "config.json", R"({"num_experts": 2, "num_experts_per_tok": 2, "num_hidden_layers": 12})");
    CHECK_THAT(files.failure({{en}, small}), ContainsSubstring("layer 2 names expert 2"));
    CHECK_THAT(files.failure({{en, files.write("b_en.json", kSwahili)}, ""}),
               ContainsSubstring("group 'en' is that of"));
    CHECK_THAT(files.failure({{en, files.write("b_fr.json", R"({"2": {"total_tokens": 1}})")}, ""}),
               ContainsSubstring("b_fr.json': no layer 10"));
    CHECK_THAT(files.failure({{files.write("c_de.json", R"({"a": {}})")}, ""}),
               ContainsSubstring("layer 'a' is no number"));
    CHECK_THAT(files.failure({{files.write("c_de.json", R"({"0": {"1": {}}})")}, ""}),
               ContainsSubstring("layer 0 has no count 'total_tokens'"));
    CHECK_THAT(files.failure({{files.write("c_de.json", "[]")}, ""}),
               ContainsSubstring("holds no layers"));
    CHECK_THAT(files.failure({{en}, files.write("dense.json", R"({"hidden_size": 4})")}),
               ContainsSubstring("has no 'num_experts'"));
    CHECK_THROWS_AS(find_importer("csv"), UserError);
    CHECK(find_importer("counts-json").run == import_counts_json);
}

// Sums taken with Python's json module from the same three files.
TEST_CASE("the published Qwen3-30B-A3B counts keep their sums") {
    const auto reference = test::reference_data();
    if (!reference) SKIP("no reference data beside the repository");
    const auto folder = *reference / "routing" / "qwen3_30b_a3b_mgsm";
    ImportRequest request;
    for (const char* group : {"en", "sw", "zh"}) {
        request.files.push_back(folder / ("mgsm_" + std::string(group) + ".json"));
    }
    request.config = *reference / "configs" / "Qwen--Qwen3-30B-A3B_config.json";
    const TraceData data = import_counts_json(request);
    CHECK(data.header.layers.size() == 48);
    CHECK(data.header.model.name == "Qwen/Qwen3-30B-A3B");
    CHECK(data.header.groups.tokens == std::vector<std::uint64_t>{18286, 29543, 19413});
    const auto sum = [&](std::size_t layer, std::size_t group) {
        const auto row = data.layers[layer].counts.count.row(group);
        return std::accumulate(row.begin(), row.end(), std::uint64_t{0});
    };
    const auto gates = [&](std::size_t layer, std::size_t group) {
        const auto row = data.layers[layer].counts.weight_sum.row(group);
        return std::accumulate(row.begin(), row.end(), 0.0);
    };
    CHECK(sum(0, 0) == 146288);
    CHECK(gates(0, 0) == Catch::Approx(18284.408447265625));
    CHECK(sum(23, 0) == 146280);
    CHECK(gates(23, 0) == Catch::Approx(18285.621948242188));
    CHECK(sum(47, 0) == 146296);
    CHECK(gates(47, 0) == Catch::Approx(18285.434631347656));
    CHECK(sum(0, 1) == 236296);
    CHECK(gates(0, 1) == Catch::Approx(29545.41455078125));
    CHECK(sum(23, 1) == 236355);
    CHECK(gates(23, 1) == Catch::Approx(29538.097412109375));
    CHECK(sum(47, 1) == 236355);
    CHECK(gates(47, 1) == Catch::Approx(29550.410278320312));
    CHECK(sum(0, 2) == 155297);
    CHECK(gates(0, 2) == Catch::Approx(19412.97509765625));
    CHECK(sum(23, 2) == 155294);
    CHECK(gates(23, 2) == Catch::Approx(19411.962890625));
    CHECK(sum(47, 2) == 155304);
    CHECK(gates(47, 2) == Catch::Approx(19412.489654541016));
    CHECK(data.layers[31].counts.count(1, 77) == 0);
}

}  // namespace
}  // namespace alluvium

// From a description of a model to the table of an experiment, as a person does it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/program.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using test::quoted;
using test::run_program;

namespace {

namespace fs = std::filesystem;

const fs::path kGolden = ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate/checkpoint";

const std::string kTexts =
    "text\tlanguage\tdomain\n"
    "Where does it hurt? Does it hurt when you breathe? Since when does it hurt?\ten\thealth\n"
    "A train to Rome leaves at noon, and another one in the evening.\ten\ttravel\n"
    "Un train pour Rome part a midi, et un autre le soir, de la gare centrale.\tfr\ttravel\n"
    "Ou avez-vous mal? Avez-vous mal quand vous respirez? Depuis quand?\tfr\thealth\n";

const std::string kConfig = R"({
    "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_act": "silu",
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 10000.0,
    "tie_word_embeddings": true, "torch_dtype": "float32", "vocab_size": )";

// A dense model of one step of training, and texts.
class Workplace {
  public:
    Workplace() {
        const Json golden = read_json(kGolden / "config.json");
        fs::create_directories(folder_ / "description");
        for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
            if (fs::exists(kGolden / name))
                fs::copy(kGolden / name, folder_ / "description" / name);
        }
        write_file_atomically(folder_ / "description" / "config.json",
                              kConfig + golden.at("vocab_size").dump() + "}");
        write_file_atomically(folder_ / "texts.tsv", kTexts);
        trained_ = run_program("train " + quoted(folder_ / "description") + " --from-scratch -o " +
                               quoted(folder_ / "dense") + " --steps 1" + options());
    }
    std::string options() const {
        return " --text " + quoted(folder_ / "texts.tsv") +
               " --sequences 2 --sequence 8 --warmup 0 --threads 1 -q";
    }
    test::ProgramResult sweep(const std::string& more) const {
        return run_program("sweep " + quoted(folder_ / "dense") + " -o " +
                           quoted(folder_ / "sweep") + options() + " --validation " +
                           quoted(folder_ / "texts.tsv") +
                           " --experts 2 --languages en,fr --steps 1 " + more);
    }
    const test::ProgramResult& trained() const { return trained_; }
    fs::path operator/(const std::string& name) const { return folder_ / name; }

  private:
    test::TemporaryFolder folder_;
    test::ProgramResult trained_;
};

}  // namespace

TEST_CASE("a description becomes a dense model, and that a table of experiments", "[model]") {
    const Workplace place;
    INFO(place.trained().errors);
    REQUIRE(place.trained().exit_code == 0);
    const auto swept = place.sweep("--topics " + quoted(place / "texts.tsv") +
                                   " --last 0,1 --strategies lang-spec,same-total");
    INFO(swept.errors);
    REQUIRE(swept.exit_code == 0);
    const std::string table = read_file(place / "sweep/sweep.csv");
    for (const char* row : {"\nlast,0,dense,0,dense,", "\nlast,1,last-1-hybrid-k,1,hybrid-k,",
                            "\nrouting,lang-spec,all-lang-spec,3,lang-spec,",
                            "\nrouting,same-total,same-total,0,dense,"}) {
        CHECK_THAT(table, ContainsSubstring(row));
    }
    // Its router is as it was drawn: also scored with the language given.
    CHECK_THAT(table, ContainsSubstring("nats_per_byte_language_given,mean,"));
    CHECK_THAT(table, ContainsSubstring("topic_accuracy,mean,"));
    CHECK(fs::file_size(place / "sweep/sweep-last.svg") > 1000);
    CHECK(fs::file_size(place / "sweep/sweep-routing.svg") > 1000);
    CHECK_FALSE(fs::exists(place / "sweep/sweep-texts.svg"));
}

TEST_CASE("a sweep over nothing, and one without texts to score on, say what is missing",
          "[model]") {
    const Workplace place;
    const auto nothing = place.sweep("");
    CHECK(nothing.exit_code == 2);
    CHECK_THAT(nothing.errors, ContainsSubstring("nothing to sweep over"));
    const auto unscored = run_program("sweep " + quoted(place / "dense") + " -o " +
                                      quoted(place / "sweep") + place.options() + " --last 0");
    CHECK(unscored.exit_code == 2);
    CHECK_THAT(unscored.errors, ContainsSubstring("--validation"));
}

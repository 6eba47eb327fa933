#include "model/checkpoint/checkpoint.h"

#include <ATen/ATen.h>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/sha256.h"
#include "tests/model/goldens.h"
#include "tests/model/safetensors_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

auto says(const std::string& text) {
    return MessageMatches(ContainsSubstring(text));
}

constexpr const char* kSharded = "apollo_shared_f16_shards";

}  // namespace

TEST_CASE("A sharded checkpoint shows the tensors of all its shards", "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint(kSharded));
    CHECK(checkpoint->shards().size() == 3);
    CHECK(checkpoint->has("model.layers.1.mlp.gate.weight"));
    const at::Tensor gate = checkpoint->tensor("model.layers.1.mlp.gate.weight");
    CHECK(gate.scalar_type() == at::kHalf);
    CHECK(gate.sizes() == at::IntArrayRef{3, 16});
}

TEST_CASE("A tensor is a view over the file and outlives the checkpoint", "[model]") {
    CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("qwen2"));
    const TensorInfo& info = checkpoint->tensors().at("model.norm.weight");
    const at::Tensor norm = checkpoint->tensor("model.norm.weight");
    CHECK(norm.const_data_ptr() == static_cast<const void*>(checkpoint->bytes(info).data()));
    const double before = norm.sum().item<double>();
    checkpoint.reset();
    CHECK(norm.sum().item<double>() == before);
}

TEST_CASE("What is no checkpoint folder is refused by name", "[model]") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_MATCHES(Checkpoint::open(folder / "none"), UserError, says("does not exist"));
    std::ofstream(folder / "file") << "x";
    CHECK_THROWS_MATCHES(Checkpoint::open(folder / "file"), UserError, says("is not a folder"));
    CHECK_THROWS_MATCHES(Checkpoint::open(folder.path()), UserError, says("has no config.json"));
    std::ofstream(folder / "config.json") << "{}";
    CHECK_THROWS_MATCHES(Checkpoint::open(folder.path()), UserError, says("has no *.safetensors"));
    std::ofstream(folder / "pytorch_model.bin") << "x";
    CHECK_THROWS_MATCHES(Checkpoint::open(folder.path()), UserError,
                         says("only pickled weights ('pytorch_model.bin')"));
    std::ofstream(folder / "config.json") << "{ \"a\": ";
    CHECK_THROWS_MATCHES(Checkpoint::open(folder.path()), UserError, says("config.json"));
}

TEST_CASE("A missing, truncated or foreign shard is named", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden(kSharded, folder / "model");
    const auto shard = copy / "model-00002-of-00003.safetensors";

    SECTION("missing") {
        std::filesystem::remove(shard);
        CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError,
                             says("shard 'model-00002-of-00003.safetensors'"));
    }
    SECTION("truncated") {
        std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 1);
        CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError, says("truncated"));
    }
    SECTION("empty") {
        std::filesystem::resize_file(shard, 0);
        CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError, says("model-00002-of-00003"));
    }
    SECTION("another shard under its name") {
        std::filesystem::copy_file(copy / "model-00001-of-00003.safetensors", shard,
                                   std::filesystem::copy_options::overwrite_existing);
        CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError, says("is in both"));
    }
    SECTION("without a tensor that the index names") {
        test::write_safetensors(shard, {});
        CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError,
                             says("is not in 'model-00002-of-00003.safetensors'"));
    }
}

TEST_CASE("A repository of the hub's cache opens through its symbolic links", "[model]") {
    const test::TemporaryFolder folder;
    const auto repository = folder / "models--tests--tiny";
    const auto snapshot = repository / "snapshots" / "1a2b";
    std::filesystem::create_directories(snapshot);
    std::filesystem::create_directories(repository / "refs");
    std::ofstream(repository / "refs" / "main") << "1a2b";
    test::copy_golden(kSharded, repository / "blobs");
    for (const auto& entry : std::filesystem::directory_iterator(repository / "blobs")) {
        std::filesystem::create_symlink("../../blobs" / entry.path().filename(),
                                        snapshot / entry.path().filename());
    }
    const std::string id = content_id(*Checkpoint::open(test::golden_checkpoint(kSharded)));
    for (const auto& path : {repository, snapshot}) {
        const CheckpointPtr checkpoint = Checkpoint::open(path);
        CHECK(content_id(*checkpoint) == id);
        CHECK(checkpoint->name() == "tiny");
    }
}

TEST_CASE("A folder that is opened twice is mapped once", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden(kSharded, folder / "model");
    const CheckpointPtr first = Checkpoint::open(copy);
    const CheckpointPtr second = Checkpoint::open(copy / ".");
    const TensorInfo& info = first->tensors().at("model.norm.weight");
    CHECK(first->bytes(info).data() == second->bytes(info).data());
    const CheckpointPtr other = Checkpoint::open(test::golden_checkpoint(kSharded));
    CHECK(first->bytes(info).data() != other->bytes(info).data());
}

TEST_CASE("A shard that is written to while it is open is noticed", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("qwen2", folder / "model");
    const auto shard = copy / "model.safetensors";
    const CheckpointPtr checkpoint = Checkpoint::open(copy);
    CHECK_NOTHROW(checkpoint->require_unchanged());
    CHECK_FALSE(checkpoint->outdated());

    SECTION("in place, its size kept") {
        // Times of files move on in steps of up to 10 ms.
        std::filesystem::last_write_time(
            shard, std::filesystem::last_write_time(shard) + std::chrono::seconds(1));
        CHECK_THROWS_MATCHES(checkpoint->require_unchanged(), RunError,
                             says("model.safetensors' was written to"));
        CHECK(checkpoint->outdated());
        // Opened again it is another mapping, and as good as any.
        CHECK_NOTHROW(Checkpoint::open(copy)->require_unchanged());
    }
    SECTION("replaced by another file: what is mapped stays") {
        std::filesystem::copy_file(shard, copy / "new");
        std::filesystem::rename(copy / "new", shard);
        CHECK_NOTHROW(checkpoint->require_unchanged());
        CHECK(checkpoint->outdated());
    }
    SECTION("removed: what is mapped stays") {
        std::filesystem::remove(shard);
        CHECK_NOTHROW(checkpoint->require_unchanged());
        CHECK(checkpoint->outdated());
    }
}

TEST_CASE("A shard that is cut short while it is open does not end the program", "[model]") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "config.json") << "{}";
    test::write_safetensors(folder / "model.safetensors",
                            {{"big", {"U8", {1 << 20}, std::string(1 << 20, 'x')}}});
    const CheckpointPtr checkpoint = Checkpoint::open(folder.path());
    std::filesystem::resize_file(folder / "model.safetensors", 8192);
    // Pages that are gone raise SIGBUS; here they read as zeros.
    CHECK(checkpoint->tensor("big")[-1].item<int>() == 0);
    CHECK(checkpoint->tensor("big")[0].item<int>() == 'x');
    CHECK_THROWS_MATCHES(checkpoint->require_unchanged(), RunError, says("cut short"));
    // Even where the file grows back.
    std::filesystem::resize_file(folder / "model.safetensors", (1 << 20) + 100);
    CHECK_THROWS_MATCHES(checkpoint->require_unchanged(), RunError, says("cut short"));
}

TEST_CASE("An index cannot lead out of its folder", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("qwen2", folder / "model");
    std::ofstream(copy / "model.safetensors.index.json")
        << R"({"weight_map":{"a":"../model.safetensors"}})";
    CHECK_THROWS_MATCHES(Checkpoint::open(copy), UserError, says("no plain file name"));
}

TEST_CASE("Types that libtorch lacks are listed but not read", "[model]") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "config.json") << "{}";
    test::write_safetensors(folder / "model.safetensors",
                            {{"scales", {"F8_E8M0", {4}, std::string(4, 'x')}}});
    const CheckpointPtr checkpoint = Checkpoint::open(folder.path());
    CHECK(checkpoint->tensors().at("scales").bytes == 4);
    CHECK_THROWS_MATCHES(checkpoint->tensor("scales"), UserError, says("F8_E8M0"));
    CHECK_THROWS_MATCHES(checkpoint->tensor("none"), UserError, says("no tensor 'none'"));
}

TEST_CASE("The content id follows the content, not the place or the sharding", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden(kSharded, folder / "elsewhere");
    const CheckpointPtr original = Checkpoint::open(test::golden_checkpoint(kSharded));
    const std::string id = content_id(*original);
    CHECK(id.size() == 64);
    CHECK(content_id(*Checkpoint::open(copy)) == id);

    const auto merged = folder / "merged";
    std::filesystem::create_directory(merged);
    std::filesystem::copy_file(copy / "config.json", merged / "config.json");
    test::RawTensors tensors = test::raw_tensors(*original);
    test::write_safetensors(merged / "model.safetensors", tensors);
    CHECK(content_id(*Checkpoint::open(merged)) == id);

    tensors.at("model.layers.0.mlp.gate.weight").bytes[7] ^= 1;
    test::write_safetensors(merged / "model.safetensors", tensors);
    CHECK(content_id(*Checkpoint::open(merged)) != id);
}

TEST_CASE("The content id follows the config, except for where the model came from", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("qwen2", folder / "model");
    const std::string id = content_id(*Checkpoint::open(copy));
    Json config = read_json(copy / "config.json");
    config["_name_or_path"] = "somewhere/else";
    std::ofstream(copy / "config.json") << config.dump();
    CHECK(content_id(*Checkpoint::open(copy)) == id);
    config["rms_norm_eps"] = 0.5;
    std::ofstream(copy / "config.json") << config.dump();
    CHECK(content_id(*Checkpoint::open(copy)) != id);
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples", "[model]") {
    const auto digest = [](std::string_view text) {
        Sha256 hash;
        hash.add(text);
        return hash.hex();
    };
    CHECK(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 million;
    for (int i = 0; i < 1000; ++i) million.add(std::string(1000, 'a'));
    CHECK(million.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace alluvium

#include "tests/bench/open_checkpoint.h"

#include <filesystem>
#include <fstream>

#include "model/checkpoint/checkpoint.h"
#include "tests/bench/measure.h"
#include "tests/bench/options.h"

namespace alluvium::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRows = 1024, kColumns = 2048, kBytes = kRows * kColumns * 2;

// As the experts of large models are called.
std::string tensor_name(int tensor) {
    constexpr std::array kMatrices = {"gate_proj", "up_proj", "down_proj"};
    const int expert = tensor / 3 % 256, layer = tensor / 768;
    return "model.layers." + std::to_string(layer) + ".mlp.experts." + std::to_string(expert) +
           "." + kMatrices[static_cast<std::size_t>(tensor % 3)] + ".weight";
}

std::string shard_name(int shard, int shards) {
    const auto five = [](int n) {
        const std::string digits = std::to_string(n);
        return std::string(5 - std::min<std::size_t>(5, digits.size()), '0') + digits;
    };
    return "model-" + five(shard + 1) + "-of-" + five(shards) + ".safetensors";
}

void write_shard(const fs::path& path, const std::vector<std::string>& names) {
    Json header = Json::object();
    std::uint64_t end = 0;
    for (const std::string& name : names) {
        header[name] = {
            {"dtype", "BF16"}, {"shape", {kRows, kColumns}}, {"data_offsets", {end, end + kBytes}}};
        end += kBytes;
    }
    const std::string text = header.dump();
    std::ofstream file(path, std::ios::binary);
    for (int shift = 0; shift < 64; shift += 8) file.put(static_cast<char>(text.size() >> shift));
    file << text;
    file.close();
    fs::resize_file(path, 8 + text.size() + end);
}

void write_checkpoint(const fs::path& folder, int shards, int tensors) {
    fs::create_directories(folder);
    std::ofstream(folder / "config.json") << R"({"model_type":"qwen3_moe"})";
    Json map = Json::object();
    for (int shard = 0; shard < shards; ++shard) {
        std::vector<std::string> names;
        for (int t = shard; t < tensors; t += shards) {
            names.push_back(tensor_name(t));
            map[names.back()] = shard_name(shard, shards);
        }
        write_shard(folder / shard_name(shard, shards), names);
    }
    std::ofstream(folder / "model.safetensors.index.json") << Json{{"weight_map", map}}.dump(2);
}

}  // namespace

Json open_checkpoint(const std::vector<std::string>& words) {
    const Options options(words, {{"--shards", true}, {"--tensors", true}, {"--repeats", true}});
    const int shards = options.count("--shards", 100), tensors = options.count("--tensors", 50'000);
    const fs::path folder = fs::path(options.positional()) / "many-tensors";
    write_checkpoint(folder, shards, tensors);
    std::size_t found = 0;
    const Measured measured = measure(options.count("--repeats", 9),
                                      [&] { found = Checkpoint::open(folder)->tensors().size(); });
    fs::remove_all(folder);
    return {{"shards", shards},
            {"tensors", found},
            {"seconds", measured.seconds},
            {"seconds_median", median(measured.seconds)},
            {"cpu_seconds_median", median(measured.cpu_seconds)}};
}

}  // namespace alluvium::bench

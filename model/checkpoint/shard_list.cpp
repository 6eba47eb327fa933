#include "model/checkpoint/shard_list.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "model.safetensors.index.json";

bool is_pickle(const fs::path& file) {
    const std::string ending = file.extension().string();
    return ending == ".bin" || ending == ".pt" || ending == ".pth" || ending == ".ckpt";
}

[[noreturn]] void refuse_without_safetensors(const fs::path& folder) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".gguf") {
            throw UserError(
                "'" + folder.string() + "' holds its weights as GGUF ('" +
                    entry.path().filename().string() + "')",
                "use the safetensors that it was made from, or let transformers read it "
                "(gguf_file=...) and save it again");
        }
        if (!is_pickle(entry.path())) continue;
        throw UserError(
            "'" + folder.string() + "' has only pickled weights ('" +
                entry.path().filename().string() + "')",
            "a pickle can run any program when it is read; 'alluvium convert' brings it "
            "into safetensors and runs none");
    }
    throw UserError("'" + folder.string() + "' has no *.safetensors",
                    "a checkpoint is a folder with config.json and *.safetensors");
}

// An index from elsewhere must not make the program read files outside the folder.
void require_plain_name(const std::string& file, const fs::path& index) {
    if (fs::path(file).filename() != file || file == "..") {
        throw UserError("'" + index.string() + "' names the shard '" + file +
                        "', which is no plain file name");
    }
}

}  // namespace

ShardList read_index(const fs::path& index) {
    const Json json = read_json(index);
    const Json map = json.is_object() ? json.value("weight_map", Json()) : Json();
    if (!map.is_object() || map.empty()) {
        throw UserError("'" + index.string() + "' has no weight_map", "fetch the file again");
    }
    ShardList list;
    std::set<std::string> files;
    for (const auto& [tensor, file] : map.items()) {
        if (!file.is_string()) {
            throw UserError("'" + index.string() + "': the shard of '" + tensor +
                            "' is no file name");
        }
        const auto& name = file.get_ref<const std::string&>();
        list.weight_map.emplace_hint(list.weight_map.end(), tensor, name);
        files.insert(name);
    }
    for (const std::string& file : files) require_plain_name(file, index);
    list.files.assign(files.begin(), files.end());
    const Json metadata = json.value("metadata", Json::object());
    const auto total = metadata.is_object() ? metadata.find("total_size") : metadata.end();
    if (total != metadata.end() && total->is_number_unsigned()) {
        list.total_bytes = total->get<std::uint64_t>();
    }
    return list;
}

ShardList list_shards(const fs::path& folder) {
    if (fs::exists(folder / kIndex)) {
        ShardList list = read_index(folder / kIndex);
        for (const std::string& file : list.files) {
            if (fs::exists(folder / file)) continue;
            throw UserError("shard '" + file + "', which '" + kIndex +
                                "' names, is missing from '" + folder.string() + "'",
                            "fetch the missing shard");
        }
        return list;
    }
    ShardList list;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".safetensors") {
            list.files.push_back(entry.path().filename().string());
        }
    }
    if (list.files.empty()) refuse_without_safetensors(folder);
    std::ranges::sort(list.files);
    return list;
}

void check_index(const ShardList& list, const TensorTable& tensors, const fs::path& folder) {
    // Both are in order: one walk over the two of them.
    auto found = tensors.begin();
    for (const auto& [tensor, file] : list.weight_map) {
        while (found != tensors.end() && found->first < tensor) ++found;
        const bool there = found != tensors.end() && found->first == tensor;
        if (there && list.files[found->second.shard] == file) continue;
        throw UserError("tensor '" + tensor + "' is not in '" + file + "' of '" + folder.string() +
                            "', where " + kIndex + " says it is",
                        "index and shards do not belong together; fetch them again");
    }
}

}  // namespace alluvium

#include "model/tokenizer/definition_files.h"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "model/tokenizer/sentencepiece/spm_parts.h"
#include "model/tokenizer/tiktoken/tiktoken_parts.h"

namespace alluvium {
namespace {

// 64-bit FNV-1a.
class ContentHash {
  public:
    void add(std::string_view bytes) {
        for (const char c : bytes) {
            state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
        }
    }
    std::string text() const {
        char hex[20];
        std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(state_));
        return hex;
    }

  private:
    std::uint64_t state_ = 0xcbf29ce484222325u;
};

class Folder {
  public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {
        if (!std::filesystem::is_directory(path_)) {
            throw UserError("'" + path_.string() + "' is not a folder",
                            "give the folder that holds the checkpoint's tokenizer files");
        }
    }
    std::filesystem::path operator/(const char* name) const { return path_ / name; }
    bool has(const char* name) const { return std::filesystem::exists(path_ / name); }
    // The file takes part in the tokenizer's identity.
    std::string read(const char* name) {
        std::string content = read_file(path_ / name);
        hash_.add(name);
        hash_.add(content);
        return content;
    }
    // Null where there is no such file.
    Json json(const char* name) {
        if (!has(name)) return {};
        return parse_json(read(name), (path_ / name).string());
    }
    std::string hash() const { return hash_.text(); }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    ContentHash hash_;
};

// What tokenizer_config.json calls the pipelines that a vocab.json can come with.
enum class Pipelines { qwen2, gpt2 };

Pipelines pipeline_of(const Folder& folder, const Json& config) {
    static const std::map<std::string, Pipelines> known = {
        {"Qwen2Tokenizer", Pipelines::qwen2},
        {"Qwen2TokenizerFast", Pipelines::qwen2},
        {"qwen2", Pipelines::qwen2},
        {"qwen2_moe", Pipelines::qwen2},
        {"qwen3", Pipelines::qwen2},
        {"qwen3_moe", Pipelines::qwen2},
        {"upcycling-qwen2-moe", Pipelines::qwen2},
        {"GPT2Tokenizer", Pipelines::gpt2},
        {"GPT2TokenizerFast", Pipelines::gpt2},
        {"gpt2", Pipelines::gpt2}};
    std::string name = config.is_object() ? config.value("tokenizer_class", "") : "";
    if (name.empty() && folder.has("config.json")) {
        name = read_json(folder / "config.json").value("model_type", "");
    }
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    throw UserError("'" + folder.path().string() + "' has vocab.json and merges.txt but " +
                        (name.empty() ? "nothing that says how to cut text into words"
                                      : "the pipeline of '" + name + "' is not known"),
                    "add the tokenizer.json of this model, or a tokenizer_config.json with the "
                    "tokenizer_class Qwen2Tokenizer or GPT2Tokenizer");
}

// The published pattern of Qwen2 and its successors.
constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

Json byte_level(bool add_prefix_space, bool use_regex) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", add_prefix_space},
            {"trim_offsets", false},
            {"use_regex", use_regex}};
}

Json merges_of(const std::string& text) {
    Json merges = Json::array();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = text.find('\n', at);
        if (end == std::string::npos) end = text.size();
        std::string line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty() && !line.starts_with("#version")) merges.push_back(std::move(line));
        at = end + 1;
    }
    return merges;
}

// Added tokens by ascending id, as the reference adds them: from tokenizer_config.json, or from
// the older added_tokens.json.
Json added_tokens_of(const Json& config, const Json& added) {
    std::map<std::uint64_t, Json> by_id;
    if (config.is_object() && config.contains("added_tokens_decoder")) {
        for (const auto& [id, token] : config["added_tokens_decoder"].items()) {
            by_id[std::stoull(id)] = token;
        }
    } else if (added.is_object()) {
        for (const auto& [content, id] : added.items()) {
            by_id[id.get<std::uint64_t>()] = {{"content", content}, {"special", true}};
        }
    }
    Json tokens = Json::array();
    for (auto& [id, token] : by_id) {
        token["id"] = id;
        tokens.push_back(std::move(token));
    }
    return tokens;
}

Json assemble_definition(Folder& folder, const Json& config) {
    Json definition;
    const bool prefix = config.is_object() && config.value("add_prefix_space", false);
    if (pipeline_of(folder, config) == Pipelines::qwen2) {
        definition["normalizer"] = {{"type", "NFC"}};
        const Json split = {{"type", "Split"},
                            {"pattern", {{"Regex", kQwen2Pattern}}},
                            {"behavior", "Isolated"},
                            {"invert", false}};
        definition["pre_tokenizer"] = {{"type", "Sequence"},
                                       {"pretokenizers", {split, byte_level(prefix, false)}}};
    } else {
        definition["pre_tokenizer"] = byte_level(prefix, true);
    }
    definition["decoder"] = byte_level(false, false);
    definition["model"] = {{"type", "BPE"},
                           {"vocab", folder.json("vocab.json")},
                           {"merges", merges_of(folder.read("merges.txt"))}};
    definition["added_tokens"] = added_tokens_of(config, folder.json("added_tokens.json"));
    return definition;
}

// "bos_token": "<s>" or {"content": "<s>", ...}
std::optional<std::string> token_named(const char* key, const Json& first, const Json& second) {
    for (const Json* json : {&first, &second}) {
        if (!json->is_object() || !json->contains(key)) continue;
        const Json& token = (*json)[key];
        if (token.is_string()) return token.get<std::string>();
        if (token.is_object() && token.contains("content")) {
            return token["content"].get<std::string>();
        }
    }
    return std::nullopt;
}

// Added tokens and the frame of formats that leave both to the configuration files.
void add_configured_tokens(PipelineParts& parts, const Json& config, Json added_tokens) {
    parts.added_tokens = std::move(added_tokens);
    if (!config.is_object()) return;
    const std::string tokenizer_class = config.value("tokenizer_class", "");
    const bool adds_bos = tokenizer_class.starts_with("Llama") ||
                          tokenizer_class.starts_with("CodeLlama") ||
                          tokenizer_class.starts_with("Gemma");
    const auto put = [&](const char* key, bool otherwise, const std::optional<std::string>& token,
                         std::vector<std::uint32_t>& side) {
        const auto id = token ? parts.model->id_of(*token) : std::nullopt;
        if (id && config.value(key, otherwise)) side.push_back(*id);
    };
    put("add_bos_token", adds_bos, parts.bos, parts.frame.before);
    put("add_eos_token", false, parts.eos, parts.frame.after);
}

// "o200k" of "o200k_base.tiktoken".
std::string encoding_of(const std::string& file_name) {
    return file_name.substr(0, file_name.find_first_of("_."));
}

std::optional<std::string> tiktoken_file_of(const Folder& folder) {
    std::optional<std::string> name;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".tiktoken") continue;
        if (name) {
            throw UserError("'" + folder.path().string() + "' has several .tiktoken files",
                            "leave only the one that belongs to the model");
        }
        name = entry.path().filename().string();
    }
    return name;
}

struct Found {
    std::string file;  // to name in errors
    std::function<PipelineParts()> read;
};

Found find_definition(Folder& folder, const Json& config) {
    const auto configured = [&folder, &config](PipelineParts parts) {
        add_configured_tokens(parts, config,
                              added_tokens_of(config, folder.json("added_tokens.json")));
        return parts;
    };
    if (folder.has("tokenizer.json")) {
        return {"tokenizer.json",
                [&folder] { return parts_from_definition(folder.json("tokenizer.json")); }};
    }
    if (folder.has("vocab.json") && folder.has("merges.txt")) {
        return {"vocab.json",
                [&] { return parts_from_definition(assemble_definition(folder, config)); }};
    }
    if (folder.has("tokenizer.model")) {
        return {"tokenizer.model", [&folder, configured] {
                    const std::string content = folder.read("tokenizer.model");
                    return configured(looks_like_tiktoken(content)
                                          ? parts_from_tiktoken(content, "llama3")
                                          : parts_from_sentencepiece(content));
                }};
    }
    if (const auto name = tiktoken_file_of(folder)) {
        return {*name, [&folder, configured, name] {
                    const std::string content = folder.read(name->c_str());
                    return configured(parts_from_tiktoken(content, encoding_of(*name)));
                }};
    }
    throw UserError("'" + folder.path().string() +
                        "' has no tokenizer.json, no vocab.json with merges.txt, no "
                        "tokenizer.model and no .tiktoken file",
                    "copy the tokenizer files of the model into the checkpoint's folder");
}

// What goes wrong while `found` is read, said of its file.
PipelineParts read_parts(const std::string& path, const Found& found) {
    try {
        return found.read();
    } catch (const UserError& e) {
        const std::string what = e.what();
        const bool names_a_file = what.starts_with('\'');
        throw UserError(names_a_file ? what : path + ": " + what, e.hint());
    } catch (const Json::exception& e) {
        throw UserError(path + ": a value is not of the usual form (" + e.what() + ")",
                        "the file may be damaged; fetch it again");
    } catch (const std::logic_error&) {  // an id that is no number
        throw UserError(path + ": the added tokens beside it have ids that are not numbers",
                        "fetch tokenizer_config.json again");
    }
}

}  // namespace

TokenizerFiles read_tokenizer_files(const std::filesystem::path& path) {
    Folder folder(path);
    const Json config = folder.json("tokenizer_config.json");
    const Json special = folder.json("special_tokens_map.json");
    TokenizerFiles files;
    const Found found = find_definition(folder, config);
    files.source = "'" + (path / found.file).string() + "'";
    files.parts = read_parts(files.source, found);
    const auto bos = token_named("bos_token", config, special);
    const auto eos = token_named("eos_token", config, special);
    files.bos = bos ? bos : files.parts.bos;
    files.eos = eos ? eos : files.parts.eos;
    files.id = folder.hash();
    return files;
}

}  // namespace alluvium

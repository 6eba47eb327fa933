#include "captures/prompt_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "captures/prompts/formats.h"

namespace alluvium {
namespace {

std::string lower_ending(const std::string& path) {
    std::string ending = std::filesystem::path(path).extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return ending;
}

std::vector<NumberedPrompt> read_file_of_prompts(const std::string& path) {
    const std::string ending = lower_ending(path);
    if (ending == ".txt") return read_txt_prompts(path);
    if (ending == ".tsv") return read_tsv_prompts(path);
    if (ending == ".jsonl") return read_jsonl_prompts(path);
    throw UserError("prompt file '" + path + "' has the unknown ending '" + ending + "'",
                    "prompt files end in .txt, .tsv or .jsonl");
}

// What ids are made of: the stem, or the whole path where two files share a stem.
std::string id_prefix(const std::string& path, const std::vector<std::string>& paths) {
    const auto stem = [](const std::string& p) { return std::filesystem::path(p).stem(); };
    const auto same = std::ranges::count(paths, stem(path), stem);
    return same > 1 ? path : stem(path).string();
}

// Where each id was first seen, so that a second one can be reported with both places.
class Ids {
  public:
    void add(const std::string& id, const std::string& path, std::size_t line) {
        std::string place = "'" + path + "' line " + std::to_string(line);
        const auto [entry, is_new] = places_.emplace(id, place);
        if (is_new) return;
        throw UserError(place + ": the id '" + id + "' is that of " + entry->second + " too",
                        "ids are unique over all prompt files of a run");
    }

  private:
    std::map<std::string, std::string> places_;
};

// FNV-1a, 64 bit (Fowler, Noll, Vo), over fields that carry their length.
class Hash {
  public:
    void add(std::string_view field) {
        add_number(field.size());
        for (const char c : field) add_byte(static_cast<unsigned char>(c));
    }
    void add_number(std::uint64_t value) {
        for (int shift = 0; shift < 64; shift += 8) {
            add_byte(static_cast<unsigned char>(value >> shift));
        }
    }
    std::string hex() const {
        std::array<char, 17> text{};
        std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(state_));
        return text.data();
    }

  private:
    void add_byte(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }

    std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

std::string tsv_row(const Prompt& prompt, const std::set<std::string>& extra) {
    std::string row = escape_field(prompt.id);
    for (const std::string* field :
         {&prompt.text, &prompt.language, &prompt.group, &prompt.domain}) {
        row += '\t' + escape_field(*field);
    }
    for (const std::string& column : extra) {
        const auto found = prompt.extra.find(column);
        row += '\t' + (found == prompt.extra.end() ? "" : escape_field(found->second));
    }
    return row + '\n';
}

}  // namespace

std::vector<Prompt> read_prompt_files(const std::vector<std::string>& paths) {
    std::vector<Prompt> prompts;
    Ids ids;
    for (const std::string& path : paths) {
        const std::string prefix = id_prefix(path, paths);
        std::vector<NumberedPrompt> found = read_file_of_prompts(path);
        if (found.empty()) throw UserError("'" + path + "' holds no prompt");
        for (auto& [line, prompt] : found) {
            if (prompt.id.empty()) prompt.id = prefix + ":" + std::to_string(line);
            ids.add(prompt.id, path, line);
            prompts.push_back(std::move(prompt));
        }
    }
    return prompts;
}

std::string prompt_set_name(const std::vector<std::string>& paths) {
    std::string name;
    for (const std::string& path : paths) {
        name += (name.empty() ? "" : ", ") + std::filesystem::path(path).stem().string();
    }
    return name;
}

std::string prompt_set_hash(const std::vector<Prompt>& prompts) {
    Hash hash;
    for (const Prompt& prompt : prompts) {
        hash.add(prompt.text);
        hash.add(prompt.language);
        hash.add(prompt.group);
        hash.add_number(prompt.ids.size());
        for (const std::uint32_t id : prompt.ids) hash.add_number(id);
    }
    return hash.hex();
}

void write_prompt_tsv(const std::vector<Prompt>& prompts, const std::string& path) {
    std::set<std::string> extra;
    for (const Prompt& prompt : prompts) {
        if (!prompt.ids.empty()) {
            throw UserError("prompt '" + prompt.id + "' is given as token ids, which '" + path +
                                "' cannot hold",
                            "keep such prompts in a .jsonl file");
        }
        for (const auto& [column, value] : prompt.extra) extra.insert(column);
    }
    std::string content = "id\ttext\tlanguage\tgroup\tdomain";
    for (const std::string& column : extra) content += '\t' + escape_field(column);
    content += '\n';
    for (const Prompt& prompt : prompts) content += tsv_row(prompt, extra);
    write_file_atomically(path, content);
}

}  // namespace alluvium

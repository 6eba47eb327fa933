#pragma once
// What reads files from elsewhere: every input has to end in a value or in a UserError.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "captures/prompt_file.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/shard_list.h"
#include "model/convert/legacy_file.h"
#include "model/convert/pickle.h"
#include "model/convert/zip_entries.h"
#include "model/families/family.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/support/temporary_folder.h"

namespace alluvium::test {

using Bytes = std::span<const std::byte>;

struct FuzzTarget {
    const char* name;
    void (*read)(Bytes input);
    std::vector<std::string> seeds;  // files of the repository
};

// A folder that holds the input under `name`; the same one every time.
inline std::filesystem::path folder_with(const std::string& name, Bytes input) {
    static const TemporaryFolder folder;
    const std::filesystem::path own = folder / ("of-" + name);
    std::filesystem::create_directories(own);
    std::ofstream(own / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(input.data()),
               static_cast<std::streamsize>(input.size()));
    return own;
}

inline void read_tokenizer(const std::string& name, Bytes input) {
    const Tokenizer tokenizer = Tokenizer::open(folder_with(name, input));
    tokenizer.encode("Ein Satz, 12 und \xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d");
}

// Beside shards of the names that the seed has.
inline void read_index(Bytes input) {
    const std::filesystem::path folder = folder_with("model.safetensors.index.json", input);
    for (const char* number : {"1", "2", "3"}) {
        const std::string shard = std::string("model-0000") + number + "-of-00003.safetensors";
        std::ofstream(folder / shard).put('\0');
    }
    list_shards(folder);
}

template <typename Read>
void accepting_user_errors(Read&& read) {
    try {
        read();
    } catch (const UserError&) {
        // What a reader is to say of a file that it cannot read.
    }
}

inline const std::vector<FuzzTarget>& fuzz_targets() {
    static const std::vector<FuzzTarget> targets = {
        {"pickle",
         [](Bytes input) { read_pickled_tensors(input, "input"); },
         {"tests/fuzz/seeds/data.pkl"}},
        {"legacy",
         [](Bytes input) { read_legacy_file(input, "input"); },
         {"tests/golden/convert/legacy.bin"}},
        {"zip",
         [](Bytes input) { zip_entries(input, "input"); },
         {"tests/golden/convert/sharded/pytorch_model-00002-of-00002.bin"}},
        {"safetensors",
         [](Bytes input) { read_safetensors_header(input, "input", 0); },
         {"tests/golden/convert/sharded/expected.tensors"}},
        {"index",
         read_index,
         {"tests/golden/forward/apollo_shared_f16_shards/checkpoint/model.safetensors.index.json"}},
        {"config",
         [](Bytes input) {
             described_spec(*Checkpoint::open_description(folder_with("config.json", input)));
         },
         {"tests/golden/forward/deepseek_v3/checkpoint/config.json",
          "tests/golden/forward/gpt_oss/checkpoint/config.json",
          "tests/golden/forward/phimoe/checkpoint/config.json"}},
        {"tokenizer.json",
         [](Bytes input) { read_tokenizer("tokenizer.json", input); },
         {"tests/fuzz/seeds/tokenizer.json"}},
        {"tokenizer.model",
         [](Bytes input) { read_tokenizer("tokenizer.model", input); },
         {"tests/fuzz/seeds/tokenizer.model", "tests/fuzz/seeds/unigram.model"}},
        {"tiktoken",
         [](Bytes input) { read_tokenizer("o200k_base.tiktoken", input); },
         {"tests/fuzz/seeds/o200k_base.tiktoken"}},
        {"prompts.tsv",
         [](Bytes input) { read_prompt_files({folder_with("a.tsv", input) / "a.tsv"}); },
         {"tests/fuzz/seeds/prompts.tsv"}},
        {"prompts.jsonl",
         [](Bytes input) { read_prompt_files({folder_with("a.jsonl", input) / "a.jsonl"}); },
         {"tests/fuzz/seeds/prompts.jsonl"}},
    };
    return targets;
}

}  // namespace alluvium::test

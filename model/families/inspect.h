#pragma once
// What the headers of a checkpoint tell, also where it cannot be run: the data behind `inspect`.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "model/router/router_spec.h"

namespace alluvium {

class Checkpoint;

struct InspectedLayer {
    LayerId layer = 0;
    bool routed = false;
    int experts = 0;
    int top_k = 0;
    int shared_experts = 0;
};

// What stands in the way of running it.
struct InspectionProblem {
    std::string what;
    std::string hint;
};

struct Inspection {
    std::string name;
    std::string family;  // "unknown" where the config names none
    std::optional<std::int64_t> hidden_size;
    std::optional<std::int64_t> vocab_size;
    std::vector<InspectedLayer> layers;  // of an unknown family: as far as tensor names tell
    std::optional<RouterSpec> router;    // of the first routed layer
    std::uint64_t parameters_total = 0;  // 0: not known
    std::optional<std::uint64_t> parameters_active;  // per token
    std::map<std::string, std::uint64_t> bytes_by_dtype;
    std::uint64_t bytes_on_disk = 0;             // 0: not known
    std::optional<std::uint64_t> memory_needed;  // bytes, to run it in the checkpoint's dtype
    std::vector<InspectionProblem> problems;
    std::vector<std::string> unchecked;  // of what is known in part only: what was not looked at
};

Inspection inspect(const Checkpoint& checkpoint);

// A config.json or an index of shards alone, whatever the file is called. UserError where it is
// neither.
Inspection inspect_file(const std::filesystem::path& file);

// The rule as `inspect --json` and a trace's router_json show it.
Json router_json(const RouterSpec& spec);

// As docs/guide says for `inspect --json`, without the tokenizer, which this room does not know.
Json inspection_json(const Inspection& inspection);

}  // namespace alluvium

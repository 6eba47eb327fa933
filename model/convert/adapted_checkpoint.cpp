#include "model/convert/adapted_checkpoint.h"

#include "base/hub_cache.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"

namespace alluvium {

void add_merge_step(Json& config, const std::filesystem::path& folder, const LoraAdapter& adapter,
                    const std::string& source) {
    Lineage lineage = read_lineage(config, (folder / "config.json").string());
    Json step = {{"step", "merge_adapter"},
                 {"source_name", folder_name(folder)},
                 {"adapter", adapter.id()},
                 {"adapter_name", adapter.name()},
                 {"writer", "alluvium " ALLUVIUM_VERSION}};
    if (!source.empty()) step["source"] = source;
    lineage.steps.push_back(std::move(step));
    write_lineage(config, lineage);
}

CheckpointPtr open_adapted(const std::filesystem::path& folder,
                           const std::filesystem::path& adapter) {
    const CheckpointPtr base = Checkpoint::open(folder);
    LoraAdapter::Base tensors;
    for (const auto& [name, info] : base->tensors()) {
        tensors[name] = {info.shape, std::string(info.dtype->name)};
    }
    auto changes = std::make_shared<const LoraAdapter>(adapter, tensors);
    Json config = base->config();
    add_merge_step(config, base->folder(), *changes, content_id(*base));
    return Checkpoint::with_changes(base, std::move(changes), std::move(config));
}

}  // namespace alluvium

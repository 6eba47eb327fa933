#include "model/upcycle/upcycle.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "captures/languages.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/checkpoint/release_pages.h"
#include "model/checkpoint/sharded_writer.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/families/family.h"
#include "model/upcycle/routed_layout.h"
#include "model/upcycle/upcycle_plan.h"

namespace alluvium {
namespace {

void check_options(const UpcycleOptions& options) {
    if (options.experts < 1 || options.experts >= kMissingExpert) {
        throw UserError("--experts " + std::to_string(options.experts) +
                        " is not between 1 and 65534");
    }
    if (options.top_k < 1 || options.top_k > options.experts) {
        throw UserError("--top-k " + std::to_string(options.top_k) + " is not between 1 and the " +
                        std::to_string(options.experts) + " experts");
    }
    if (std::ssize(options.merge) > options.experts) {
        throw UserError("--merge: " + std::to_string(options.merge.size()) +
                            " models cannot be the experts of layers with " +
                            std::to_string(options.experts),
                        "give --experts " + std::to_string(options.merge.size()) + " or more");
    }
}

Lineage lineage_of(const Checkpoint& dense, const UpcyclePlan& plan, const MergedModels& merged,
                   const UpcycleOptions& options) {
    Lineage lineage = read_lineage(dense.config(), dense.config_path().string());
    Json step = {{"step", "upcycle"},           {"source", content_id(dense)},
                 {"source_name", dense.name()}, {"writer", "alluvium " ALLUVIUM_VERSION},
                 {"layers", plan.routed()},     {"seed", options.seed}};
    if (!merged.empty()) {
        step["merged"] = merged.lineage();
        step["rest"] = options.merged_rest == MergedRest::mean ? "mean" : "base";
    }
    lineage.steps.push_back(std::move(step));
    lineage.experts_by = experts_by_word(options.experts_by);
    lineage.expert_labels = expert_labels(options.experts_by, options.experts, options.languages,
                                          LanguageTable::instance());
    return lineage;
}

Json moe_config(const Checkpoint& dense, const ModelSpec& spec, const RoutedLayout& layout,
                const std::vector<LayerId>& routed, const UpcycleOptions& options) {
    Json config = routed_config(layout, dense, spec);
    config["num_experts"] = options.experts;
    config["num_experts_per_tok"] = options.top_k;
    config["norm_topk_prob"] = options.renormalise;
    if (layout.name == "apollo") {
        config["share_flag"] = false;
    } else {
        config["moe_intermediate_size"] = ConfigReader(dense).count("intermediate_size");
    }
    if (layout.shared_expert) config["shared_expert_intermediate_size"] = kSharedWidth;
    config["decoder_sparse_step"] = 1;
    config["router_aux_loss_coef"] = 0.0;
    config["output_router_logits"] = false;
    Json dense_layers = Json::array();
    for (LayerId layer = 0; layer < static_cast<LayerId>(spec.layers.size()); ++layer) {
        if (!std::ranges::binary_search(routed, layer)) dense_layers.push_back(layer);
    }
    config["mlp_only_layers"] = dense_layers;
    return config;
}

void write(const PlannedTensor& planned, ShardedWriter& writer) {
    if (planned.source == nullptr) {
        writer.write(planned.make());
        return;
    }
    const auto bytes = planned.source->bytes(*planned.info);
    writer.write(bytes);
    release_pages(bytes);
}

}  // namespace

MergedRest parse_merged_rest(std::string_view word) {
    if (word == "mean") return MergedRest::mean;
    if (word == "base") return MergedRest::base;
    throw UserError("--merge-rest: '" + std::string(word) + "' is none of mean, base");
}

UpcycleSummary upcycle(const Checkpoint& dense, const std::filesystem::path& out,
                       const UpcycleOptions& options, Progress& progress) {
    const ModelSpec spec = model_spec(dense);
    const RoutedLayout& layout = routed_layout(options.layout, dense, spec);
    check_options(options);
    const MergedModels merged(dense, options.merge);
    const UpcyclePlan plan(dense, spec, layout, merged, options);
    Json config = moe_config(dense, spec, layout, plan.routed(), options);
    write_lineage(config, lineage_of(dense, plan, merged, options));

    StagedFolder folder(out, options.overwrite);
    ShardedWriter writer(folder.path(), plan.to_write(), options.shard_bytes);
    UpcycleSummary summary{plan.routed(), plan.tensors().size(), 0, writer.shards(),
                           std::string(layout.name)};
    for (const PlannedTensor& planned : plan.tensors()) summary.bytes += byte_count(planned.tensor);
    progress.start(summary.bytes);
    for (const PlannedTensor& planned : plan.tensors()) {
        progress.check();
        write(planned, writer);
        progress.advance(byte_count(planned.tensor));
    }
    writer.close();
    copy_side_files(dense.folder(), folder.path());
    write_file_atomically(folder.path() / "config.json", config.dump(1) + "\n");
    folder.commit();
    return summary;
}

}  // namespace alluvium

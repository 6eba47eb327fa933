#include "model/checkpoint/lineage.h"

#include "base/error.h"

namespace alluvium {
namespace {

constexpr const char* kKey = "alluvium";

[[noreturn]] void refuse(std::string_view source, const std::string& what) {
    throw UserError("'" + std::string(source) + "': key 'alluvium' " + what,
                    "remove the key, or make the checkpoint again");
}

}  // namespace

Lineage read_lineage(const Json& config, std::string_view source) {
    Lineage lineage;
    const auto found = config.find(kKey);
    if (found == config.end()) return lineage;
    if (!found->is_object()) refuse(source, "must be an object, found " + found->dump());
    try {
        lineage.steps = found->value("lineage", Json::array());
        lineage.experts_by = found->value("experts_by", std::string());
        lineage.expert_labels = found->value("expert_labels", std::vector<std::string>());
    } catch (const Json::exception&) {
        refuse(source, "must hold a list 'lineage', a text 'experts_by' and texts 'expert_labels'");
    }
    if (!lineage.steps.is_array()) refuse(source, "must hold a list 'lineage'");
    return lineage;
}

void write_lineage(Json& config, const Lineage& lineage) {
    Json value = {{"lineage", lineage.steps}};
    if (!lineage.expert_labels.empty()) {
        value["experts_by"] = lineage.experts_by;
        value["expert_labels"] = lineage.expert_labels;
    }
    config[kKey] = std::move(value);
}

}  // namespace alluvium

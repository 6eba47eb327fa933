#include "captures/validate.h"

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "captures/validation/checks.h"

namespace alluvium {
namespace {

std::string describe(const hdf5::NumberArray& array) {
    const std::size_t slash = array.path.rfind('/');
    return array.path.substr(slash + 1) + " (" + std::to_string(8 * hdf5::byte_size(array.type)) +
           (hdf5::is_floating(array.type) ? "-bit floats)" : "-bit integers)");
}

std::vector<std::string> recorded_fields(const FileContents& contents) {
    std::set<std::string> fields;
    for (const LayerArrays& layer : contents.layers) {
        for (const OptionalArray* array :
             {&layer.expert, &layer.weight, &layer.logit, &layer.margin, &layer.random_expert,
              &layer.count, &layer.weight_sum}) {
            if (*array) fields.insert(describe(**array));
        }
    }
    if (!contents.hidden.empty()) {
        fields.insert("hidden of " + std::to_string(contents.hidden.size()) + " layers");
    }
    if (!contents.stream_means.empty()) {
        fields.insert("stream means of " + std::to_string(contents.stream_means.size()) +
                      " layers");
    }
    if (contents.output_logit) fields.insert("output " + describe(*contents.output_logit));
    if (contents.nll) fields.insert(describe(*contents.nll));
    return {fields.begin(), fields.end()};
}

TraceReport summarise(const TraceFile& file, const std::string& path) {
    const TraceHeader& header = file.contents().header;
    TraceReport report;
    report.path = path;
    report.kind = header.kind;
    report.bytes = file.bytes_on_disk();
    report.prompts = header.prompts.size();
    const auto not_zero = [](std::uint8_t flag) { return flag != 0; };
    report.prompts_done =
        static_cast<std::uint64_t>(std::ranges::count_if(header.prompts.done, not_zero));
    report.prompts_truncated =
        static_cast<std::uint64_t>(std::ranges::count_if(header.prompts.truncated, not_zero));
    report.tokens = header.token_count;
    report.groups = header.groups.label;
    for (const RoutedLayerInfo& info : header.layers) report.layers.push_back(info.layer);
    report.fields = recorded_fields(file.contents());
    report.notes = header.warnings;
    return report;
}

void check_attributes(const TraceHeader& header, TraceReport& report) {
    const ModelInfo& model = header.model;
    ProblemCounts texts("model and provenance");
    for (const std::string* text :
         {&model.name, &model.checkpoint_id, &model.family, &model.config_json, &model.router_json,
          &model.tokenizer_id, &model.dtype, &model.device, &model.engine, &model.lineage}) {
        if (first_invalid_utf8(*text)) texts.add("malformed UTF-8", 0);
    }
    for (const auto& [name, text] : header.provenance) {
        if (first_invalid_utf8(text)) texts.add("malformed UTF-8", 0);
    }
    texts.report(report);
    for (const RoutedLayerInfo& info : header.layers) {
        if (model.layer_count == 0 || info.layer < model.layer_count) continue;
        report.problems.push_back({"layers",
                                   "a number that is not among the model's " +
                                       std::to_string(model.layer_count) + " layers",
                                   1,
                                   {static_cast<std::uint64_t>(info.layer)}});
    }
}

}  // namespace

TraceReport validate_trace(const std::string& path, Progress* progress) {
    const TraceFile file(path);
    TraceReport report = summarise(file, path);
    const std::size_t layers = file.contents().layers.size();
    if (progress != nullptr) progress->start(layers + 2);
    const auto step = [&] {
        if (progress == nullptr) return;
        progress->advance();
        progress->check();
    };
    check_attributes(file.contents().header, report);
    if (report.kind == TraceKind::counts) {
        check_counts(file, report);
        return report;
    }
    const RowStates rows(file);
    check_prompts(file, report);
    check_tokens(file, rows, report);
    step();
    for (std::size_t i = 0; i < layers; ++i) {
        check_layer_rows(file, i, rows, report);
        step();
    }
    check_outputs(file, rows, report);
    step();
    return report;
}

}  // namespace alluvium

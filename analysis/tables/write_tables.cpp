#include "analysis/tables/write_tables.h"

#include <array>
#include <cstdio>

#include "analysis/class_split_trace.h"
#include "analysis/depth_resamples.h"
#include "analysis/layer_metrics.h"
#include "analysis/prompt_counts.h"
#include "analysis/sample.h"
#include "analysis/share.h"
#include "analysis/tables/npz_file.h"
#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace alluvium {
namespace {

template <typename T>
void add_grid(NpzFile& file, const std::string& name, const Grid<T>& grid) {
    file.add(name, grid.values(), {grid.rows(), grid.cols()});
}

// One column of a table over [resamples, layers]; nothing where there is none.
void add_column(NpzFile& file, const std::string& name, const Grid<double>& grid, std::size_t l) {
    if (grid.empty()) return;
    std::vector<double> column(grid.rows());
    for (std::size_t r = 0; r < column.size(); ++r) column[r] = grid(r, l);
    file.add(name, std::span<const double>(column), {column.size()});
}

std::string layer_file(LayerId layer) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "layer-%03d.npz", layer);
    return name.data();
}

void write_sample(const Sample& sample, const DepthResamples& resamples,
                  const std::filesystem::path& folder) {
    const PromptUnits& units = sample.units;
    std::vector<std::int32_t> unit(units.labels.size(), -1);
    for (std::size_t u = 0; u < units.size(); ++u) {
        for (const std::uint32_t p : units.prompts[u]) unit[p] = static_cast<std::int32_t>(u);
    }
    NpzFile file;
    file.add("label", std::span<const std::int32_t>(units.labels), {units.labels.size()});
    file.add("unit", std::span<const std::int32_t>(unit), {unit.size()});
    file.add("stratum", std::span<const std::int32_t>(units.stratum), {units.stratum.size()});
    add_grid(file, "permuted_label", resamples.permuted());
    add_grid(file, "bootstrap_weight", resamples.resampled());
    file.write(folder / "sample.npz");
}

void write_names(const RoutingTrace& trace, const AnalysisOptions& options, const Sample& sample,
                 const std::filesystem::path& folder) {
    Json layers = Json::array();
    for (const RoutedLayerInfo& info : trace.layers()) {
        layers.push_back({{"layer", info.layer},
                          {"experts", info.experts},
                          {"top_k", info.top_k},
                          {"file", layer_file(info.layer)}});
    }
    const Json names = {{"trace", trace.header().path},
                        {"checkpoint_id", trace.header().model.checkpoint_id},
                        {"by", options.by},
                        {"where", options.where},
                        {"weighting", to_string(options.weighting)},
                        {"seed", options.seed},
                        {"labels", sample.grouping.labels},
                        {"prompts", trace.header().prompts.id},
                        {"layers", layers}};
    write_file_atomically(folder / "names.json",
                          names.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error) return;
    throw UserError(
        "--tables: cannot make the folder '" + folder.string() + "': " + error.message(),
        "name a folder where you may write");
}

}  // namespace

void write_tables(const RoutingTrace& whole, const AnalysisOptions& options,
                  const std::filesystem::path& folder, Progress& progress) {
    if (whole.header().kind != TraceKind::tokens) {
        throw UserError("--tables: the trace holds counts per group, no prompts to count by",
                        "its counts are in the file: layers/NNN/count");
    }
    const GroupedTrace grouped(whole, options.by, progress);
    const RoutingTrace& trace = grouped.get();
    make_folder(folder);
    const std::size_t layers = trace.layers().size();
    progress.start(trace.header().token_count * (1 + layers));
    const Sample sample = take_sample(trace, options, progress);
    const PromptUnits& units = sample.units;
    DepthResamples resamples(units, layers, options);
    std::vector<NpzFile> files(layers);
    std::vector<LayerAnalysis> results;
    for (std::size_t l = 0; l < layers; ++l) {
        const RoutedLayerInfo& info = trace.layers()[l];
        const bool by_mass = options.weighting == Weighting::mass && info.has_weights;
        const PromptCounts counts = count_prompts(trace, l, sample.selection, by_mass, progress);
        const Grid<double> selections = to_weights(counts.selections);
        const Grid<double>& rows = by_mass ? counts.mass : selections;
        add_grid(files[l], "selections", counts.selections);
        add_grid(files[l], "top1", counts.top1);
        if (by_mass) add_grid(files[l], "mass", counts.mass);
        files[l].add("tokens", std::span<const std::uint32_t>(counts.tokens),
                     {counts.tokens.size()});
        results.push_back(layer_metrics(
            info,
            {sum_by_label(selections, units.labels, units.groups),
             sum_by_label(rows, units.labels, units.groups), tokens_by_group(counts.tokens, units)},
            options));
        resamples.add_layer(rows, results.back(), progress);
    }
    resamples.finish(results);
    for (std::size_t l = 0; l < layers; ++l) {
        add_column(files[l], "divergence_without_unit", resamples.curve().without, l);
        add_column(files[l], "divergence_permuted", resamples.null_divergence(), l);
        add_column(files[l], "divergence_bootstrap", resamples.curve().bootstrap, l);
        files[l].write(folder / layer_file(trace.layers()[l].layer));
    }
    write_sample(sample, resamples, folder);
    write_names(trace, options, sample, folder);
}

}  // namespace alluvium

#include "model/intervene/run_statistics.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "model/forward/arithmetic.h"

namespace alluvium {

RunStatistics::RunStatistics(std::shared_ptr<const Model> model, std::size_t languages,
                             std::vector<LayerId> term_layers)
    : model_(std::move(model)), tokens_(languages, 0) {
    const auto groups = static_cast<std::int64_t>(languages);
    for (const LayerId id : model_->spec().routed_layers()) {
        const int experts = model_->spec().layers[static_cast<std::size_t>(id)].moe()->rule.experts;
        Layer& layer = layers_[id];
        layer.visits = Grid<std::uint64_t>(languages, static_cast<std::size_t>(experts));
        layer.logits = at::zeros({groups, experts}, at::kDouble);
        if (std::ranges::find(term_layers, id) != term_layers.end()) {
            layer.terms = at::zeros({experts, model_->spec().hidden_size}, at::kDouble);
        }
    }
}

void RunStatistics::begin(std::vector<std::int64_t> language) {
    language_ = std::move(language);
    for (const std::int64_t l : language_) {
        if (l >= 0) ++tokens_[static_cast<std::size_t>(l)];
    }
}

void RunStatistics::on_routed(const RoutedBatch& batch) {
    Layer& layer = layers_.at(batch.layer);
    const at::Tensor experts = batch.experts.to(at::kCPU).contiguous();
    const auto* expert = experts.const_data_ptr<std::int32_t>();
    const auto top_k = static_cast<std::size_t>(experts.size(1));
    for (std::size_t pair = 0; pair < language_.size() * top_k; ++pair) {
        const std::int64_t language = language_[pair / top_k];
        if (language < 0) continue;
        ++layer.visits(static_cast<std::size_t>(language), static_cast<std::size_t>(expert[pair]));
    }
    const at::Tensor groups = at::tensor(language_, at::kLong);
    const at::Tensor counted = groups.ge(0).nonzero().squeeze(1);
    layer.logits.index_add_(0, groups.index_select(0, counted),
                            batch.logits.to(at::kCPU, at::kDouble).index_select(0, counted));
    if (layer.terms.defined()) add_terms(batch, layer);
}

void RunStatistics::add_terms(const RoutedBatch& batch, Layer& layer) const {
    const auto place = static_cast<std::size_t>(batch.layer);
    const MoeSpec& spec = *model_->spec().layers[place].moe();
    const std::shared_ptr<const LayerWeights> held = model_->layer(batch.layer);
    const auto& weights = std::get<MoeWeights>(held->feed_forward);
    const auto arithmetic = libtorch_arithmetic();
    const at::Tensor counted = at::tensor(language_, at::kLong).ge(0).to(batch.experts.device());
    for (std::size_t e = 0; e < spec.experts.size(); ++e) {
        const auto expert = static_cast<std::int64_t>(e);
        const at::Tensor chosen = batch.experts.eq(expert).logical_and(counted.unsqueeze(1));
        const at::Tensor rows = chosen.any(1).nonzero().squeeze(1);
        if (rows.numel() == 0) continue;
        const at::Tensor scale =
            batch.weights.mul(chosen).sum(1, /*keepdim=*/true).index_select(0, rows);
        at::Tensor x = batch.input.index_select(0, rows);
        if (spec.rule.weight_on_input) x = (x * scale).to(x.scalar_type());
        at::Tensor term =
            arithmetic->feed_forward(x, spec.experts[e], weights.experts[e]).to(at::kDouble);
        if (!spec.rule.weight_on_input) term = term * scale;
        layer.terms.select(0, expert).add_(term.sum(0).to(at::kCPU));
    }
}

std::vector<std::uint64_t> RunStatistics::load(LayerId layer) const {
    const Grid<std::uint64_t>& by_language = visits(layer);
    std::vector<std::uint64_t> sum(by_language.cols(), 0);
    for (std::size_t g = 0; g < by_language.rows(); ++g) {
        for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += by_language(g, e);
    }
    return sum;
}

at::Tensor RunStatistics::mean_terms(LayerId layer) const {
    std::vector<double> tokens;
    for (const std::uint64_t n : load(layer))
        tokens.push_back(std::max(1.0, static_cast<double>(n)));
    return (layers_.at(layer).terms / at::tensor(tokens, at::kDouble).unsqueeze(1)).to(at::kFloat);
}

at::Tensor RunStatistics::mean_logits(LayerId layer, std::size_t language) const {
    const at::Tensor sum = layers_.at(layer).logits.select(0, static_cast<std::int64_t>(language));
    return (sum / static_cast<double>(tokens_[language])).to(at::kFloat);
}

}  // namespace alluvium

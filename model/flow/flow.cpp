#include "model/flow/flow.h"

#include <algorithm>
#include <map>
#include <set>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "base/error.h"
#include "model/flow/contributions.h"
#include "model/flow/layer_split.h"
#include "model/flow/stream.h"
#include "model/flow/words.h"

namespace alluvium {
namespace {

// Heads that look at one token, as one edge.
FlowEdge& attention_edge(std::map<std::int64_t, FlowEdge>& edges, LayerId layer, std::int64_t from,
                         std::int64_t to) {
    FlowEdge& edge = edges[from];
    edge.layer = layer;
    edge.kind = FlowPartKind::attention;
    edge.from = static_cast<std::uint32_t>(from);
    edge.to = static_cast<std::uint32_t>(to);
    return edge;
}

// All edges into one token after one layer, and the part each of the single ones stands for.
struct LayerEdges {
    std::vector<FlowEdge> edges;
    std::vector<at::Tensor> vectors;  // [H]
};

LayerEdges layer_edges(const LayerSplit& split, LayerId layer, std::int64_t row) {
    const std::vector<double> shares = contributions(split.vectors);
    LayerEdges all;
    std::map<std::int64_t, FlowEdge> attention;
    std::map<std::int64_t, at::Tensor> attended;
    for (std::size_t p = 0; p < split.parts.size(); ++p) {
        const SplitPart& part = split.parts[p];
        const at::Tensor vector = split.vectors[static_cast<std::int64_t>(p)];
        if (part.kind == FlowPartKind::attention) {
            FlowEdge& edge = attention_edge(attention, layer, part.from, row);
            edge.contribution += shares[p];
            edge.heads.push_back({part.head, part.weight, shares[p]});
            at::Tensor& sum = attended[part.from];
            sum = sum.defined() ? sum + vector : vector;
            continue;
        }
        FlowEdge& edge = all.edges.emplace_back();
        edge.layer = layer;
        edge.kind = part.kind;
        edge.from = static_cast<std::uint32_t>(part.from);
        edge.to = static_cast<std::uint32_t>(row);
        edge.expert = part.expert;
        edge.weight = part.weight;
        edge.contribution = shares[p];
        all.vectors.push_back(vector);
    }
    for (auto& [from, edge] : attention) {
        std::ranges::stable_sort(edge.heads, std::greater<>{}, &FlowHead::contribution);
        all.edges.push_back(std::move(edge));
        all.vectors.push_back(attended.at(from));
    }
    return all;
}

class FlowWalk {
  public:
    FlowWalk(const Engine& engine, const FlowPrompt& prompt, const FlowOptions& options,
             Progress& progress)
        : engine_(engine),
          prompt_(prompt),
          options_(options),
          progress_(progress),
          run_(run_prompt(engine.model, prompt.batch, progress)) {}

    InformationFlow run() {
        InformationFlow flow;
        flow.model = engine_.checkpoint->name();
        flow.tokens = prompt_.tokens;
        flow.token = chosen_token(options_, prompt_.tokens.size());
        flow.layers = static_cast<LayerId>(engine_.model->spec().layers.size());
        flow.threshold = options_.threshold;
        const OutputView view(*engine_.model, run_.stream.back()[flow.token]);
        flow.predicted = largest(view.logits(run_.stream.back()[flow.token]).softmax(0),
                                 options_.words, engine_.tokenizer.get());
        progress_.start(static_cast<std::uint64_t>(flow.layers));
        std::set<std::int64_t> reached = {flow.token};
        for (LayerId layer = flow.layers - 1; layer >= 0; --layer) {
            progress_.check();
            reached = follow(layer, reached, view, flow);
            progress_.advance();
        }
        return flow;
    }

  private:
    // The tokens reached before the layer.
    std::set<std::int64_t> follow(LayerId layer, const std::set<std::int64_t>& reached,
                                  const OutputView& view, InformationFlow& flow) {
        const LayerSplitter splitter(*engine_.model, prompt_.batch, layer, run_);
        std::set<std::int64_t> before;
        for (const std::int64_t row : reached) {
            LayerEdges all = layer_edges(splitter.split(row), layer, row);
            for (std::size_t e = 0; e < all.edges.size(); ++e) {
                FlowEdge& edge = all.edges[e];
                if (edge.contribution < options_.threshold) continue;
                before.insert(edge.from);
                if (row == flow.token) add_words(edge, all.vectors[e], view);
                flow.edges.push_back(std::move(edge));
            }
        }
        return before;
    }

    void add_words(FlowEdge& edge, const at::Tensor& vector, const OutputView& view) const {
        if (edge.kind == FlowPartKind::residual) return;
        const at::Tensor logits = view.direct(vector.unsqueeze(0))[0];
        edge.promoted = largest(logits, options_.words, engine_.tokenizer.get());
        edge.suppressed = smallest(logits, options_.words, engine_.tokenizer.get());
    }

    const Engine& engine_;
    const FlowPrompt& prompt_;
    const FlowOptions& options_;
    Progress& progress_;
    PromptRun run_;
};

}  // namespace

std::uint32_t chosen_token(const FlowOptions& options, std::size_t tokens) {
    const std::uint32_t token = options.token.value_or(static_cast<std::uint32_t>(tokens) - 1);
    if (token < tokens) return token;
    throw UserError("--token: there is no token " + std::to_string(token),
                    "the prompt has " + std::to_string(tokens) + " tokens, from 0");
}

FlowPrompt flow_prompt(const Engine& engine, const std::string& text, AddBos add_bos) {
    if (!engine.tokenizer) {
        throw UserError("--text needs a tokenizer: " + engine.tokenizer_problem,
                        "add the checkpoint's tokenizer.json to its folder");
    }
    const Encoding encoding = engine.tokenizer->encode(text, add_bos);
    if (encoding.size() == 0) throw UserError("--text: the text has no token", "give some words");
    FlowPrompt prompt;
    prompt.batch.append({encoding.ids.begin(), encoding.ids.end()});
    for (const std::uint32_t id : encoding.ids) {
        prompt.tokens.push_back({id, word_of(engine.tokenizer.get(), id)});
    }
    return prompt;
}

InformationFlow information_flow(const Engine& engine, const std::string& text,
                                 const FlowOptions& options, Progress& progress) {
    const c10::InferenceMode inference;
    const FlowPrompt prompt = flow_prompt(engine, text, options.add_bos);
    return FlowWalk(engine, prompt, options, progress).run();
}

}  // namespace alluvium

#include "model/families/inspect.h"

#include <algorithm>
#include <iomanip>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/inspect_choice.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "base/files.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint;
    std::filesystem::path adapter;
    ChoiceOptions choice;
    JsonOption json;
};

// {"kind", "vocab_size"}, or null with the reason among the problems.
Json tokenizer_json(const std::string& folder, Inspection& inspection) {
    try {
        const Tokenizer tokenizer = Tokenizer::open(folder);
        return {{"kind", tokenizer.kind()}, {"vocab_size", tokenizer.vocab_size()}};
    } catch (const UserError& e) {
        inspection.problems.push_back({std::string("tokenizer: ") + e.what(), e.hint()});
        return nullptr;
    }
}

// "0-21 dense, 22-23 routed (12 experts, top 2)": runs of equal layers.
std::string layer_summary(const std::vector<InspectedLayer>& layers) {
    const auto same = [](const InspectedLayer& a, const InspectedLayer& b) {
        return a.routed == b.routed && a.experts == b.experts && a.top_k == b.top_k &&
               a.shared_experts == b.shared_experts;
    };
    std::string text;
    for (std::size_t i = 0; i < layers.size();) {
        std::size_t end = i + 1;
        while (end < layers.size() && same(layers[i], layers[end])) ++end;
        if (i > 0) text += "; ";
        text += std::to_string(layers[i].layer);
        if (end - i > 1) text += "-" + std::to_string(layers[end - 1].layer);
        if (!layers[i].routed) {
            text += " dense";
        } else {
            text += " routed (" + std::to_string(layers[i].experts) + " experts";
            if (layers[i].top_k > 0) text += ", top " + std::to_string(layers[i].top_k);
            if (layers[i].shared_experts > 0) {
                text += ", " + std::to_string(layers[i].shared_experts) + " shared";
            }
            text += ")";
        }
        i = end;
    }
    return text;
}

std::string millions(std::uint64_t count) {
    std::ostringstream text;
    const bool billions = count >= 1'000'000'000;
    text << std::fixed << std::setprecision(2)
         << static_cast<double>(count) / (billions ? 1e9 : 1e6)
         << (billions ? " billion" : " million");
    return text.str();
}

void row(const std::string& name, const std::string& value) {
    std::cout << std::left << std::setw(14) << name << value << '\n';
}

void print(const Inspection& i, const Json& tokenizer) {
    row("name", i.name);
    row("family", i.family);
    row("layers", std::to_string(i.layers.size()) + ": " + layer_summary(i.layers));
    const bool routed = std::ranges::any_of(i.layers, &InspectedLayer::routed);
    row("router", i.router ? sentence(*i.router)
                  : routed ? "not known"
                           : "none: no layer has a router");
    if (i.hidden_size) row("hidden size", std::to_string(*i.hidden_size));
    if (i.parameters_total > 0)
        row("parameters",
            millions(i.parameters_total) +
                (i.parameters_active ? ", " + millions(*i.parameters_active) + " active per token"
                                     : ""));
    std::string dtypes;
    for (const auto& [name, bytes] : i.bytes_by_dtype) {
        dtypes += (dtypes.empty() ? "" : ", ") + name + " " + human_bytes(bytes);
    }
    if (!dtypes.empty()) row("dtypes", dtypes);
    if (i.unchecked.empty())
        row("tokenizer", tokenizer.is_null()
                             ? "none that can be read"
                             : tokenizer["kind"].get<std::string>() + ", " +
                                   std::to_string(tokenizer["vocab_size"].get<std::size_t>()) +
                                   " tokens");
    if (i.bytes_on_disk > 0) row("on disk", human_bytes(i.bytes_on_disk));
    if (i.memory_needed) row("to run", "about " + human_bytes(*i.memory_needed) + " of memory");
    for (const InspectionProblem& problem : i.problems) {
        row("problem", problem.what + (problem.hint.empty() ? "" : " (" + problem.hint + ")"));
    }
    for (const std::string& what : i.unchecked) row("not checked", what);
}

void run(const Options& options) {
    if (!options.choice.token.empty()) {
        ChoiceOptions choice = options.choice;
        choice.trace = options.checkpoint;
        inspect_choice(choice, options.json);
        return;
    }
    const bool alone = std::filesystem::is_regular_file(options.checkpoint);
    if (alone && !options.adapter.empty()) {
        throw UserError("--adapter needs the tensors of its base",
                        "give the folder of a checkpoint");
    }
    Inspection inspection = alone ? inspect_file(options.checkpoint)
                                  : inspect(*open_checkpoint(options.checkpoint, options.adapter));
    const Json tokenizer = alone ? Json(nullptr) : tokenizer_json(options.checkpoint, inspection);
    Json result = inspection_json(inspection);
    result["tokenizer"] = tokenizer;
    options.json.write(result);
    if (!options.json.to_stdout()) print(inspection, tokenizer);
}

}  // namespace

void add_inspect(CLI::App& program) {
    auto* command = program.add_subcommand(
        "inspect", "What a checkpoint is: family, layers, router rule, size; reads headers only");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("CHECKPOINT", options->checkpoint,
                     "Folder with config.json and safetensors; or a config.json or index alone; with --token a trace")
        ->required();
    add_adapter_option(*command, options->adapter);
    command->add_option("--token", options->choice.token,
                        "Of a trace, PROMPT:N (an id or number, a token from 0): what its routers made of the "
                        "token, raw logits and selection scores, layer by layer");
    command->add_option("--layer", options->choice.layer, "With --token: this layer only");
    command->add_option("--others", options->choice.more, "With --token: experts shown behind the chosen ones")
        ->capture_default_str();
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium inspect ~/models/Apollo-MoE-0.5B\n"
                 "  alluvium inspect ~/models/OLMoE-1B-7B --json olmoe.json\n"
                 "  alluvium inspect ~/Downloads/config.json\n"
                 "  alluvium inspect apollo.h5 --token 0:5 --layer 22");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

#include "app/commands/inspect_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "analysis/choice_scores.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct Place {
    std::size_t prompt = 0;
    TokenPos row = 0;
};

// "en:3:7": the prompt 'en:3', its token 7. A prompt is known by its id, or by its number.
Place place_of(const TraceHeader& header, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto whole = [](const std::string& digits) {
        return !digits.empty() && digits.size() < 10 &&
               digits.find_first_not_of("0123456789") == std::string::npos;
    };
    if (colon == std::string::npos || !whole(text.substr(colon + 1))) {
        throw UserError("--token: '" + text + "' is no PROMPT:N",
                        "for example --token 0:5, or --token en:3:5");
    }
    const PromptTable& prompts = header.prompts;
    const std::string name = text.substr(0, colon);
    Place place;
    const auto found = std::ranges::find(prompts.id, name);
    if (found != prompts.id.end())
        place.prompt = static_cast<std::size_t>(found - prompts.id.begin());
    else
        place.prompt = whole(name) ? std::stoul(name) : prompts.size();
    if (place.prompt >= prompts.size()) {
        throw UserError(
            "--token: '" + header.path + "' has no prompt '" + name + "'",
            "it has " + std::to_string(prompts.size()) + ": give an id, or a number from 0");
    }
    const unsigned long token = std::stoul(text.substr(colon + 1));
    if (token >= prompts.token_count[place.prompt]) {
        throw UserError("--token: prompt '" + prompts.id[place.prompt] + "' has " +
                        std::to_string(prompts.token_count[place.prompt]) +
                        " tokens, counted from 0");
    }
    place.row = prompts.first_token[place.prompt] + token;
    return place;
}

std::string number(double value, const char* format) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return std::isnan(value) ? "" : text;
}

void print_layer(const LayerChoice& choice, std::size_t more) {
    std::printf("\nlayer %d: %s\n", choice.layer, choice.rule.c_str());
    if (!choice.bias_known)
        std::printf("the trace does not tell the bias: scores are without it\n");
    std::printf("%8s %9s %9s %9s %9s  %-8s %s\n", "expert", "logit", "score", "bias", "selection",
                "chosen", "weight");
    std::size_t others = 0;
    for (const ExpertScore& e : choice.experts) {
        if (e.rank == 0 && others++ >= more) continue;
        const std::string chosen = e.rank > 0    ? std::to_string(e.rank)
                                   : e.reachable ? ""
                                                 : "outside";
        std::printf("%8u %9.4f %9.5f %9s %9.5f  %-8s %s\n", static_cast<unsigned>(e.expert),
                    e.logit, e.score, e.bias == 0 ? "" : number(e.bias, "%+.5f").c_str(),
                    e.selection, chosen.c_str(), number(e.weight, "%.4f").c_str());
    }
    if (others > more) std::printf("%8s and %zu more\n", "", others - more);
}

}  // namespace

void inspect_choice(const ChoiceOptions& options, const JsonOption& json) {
    const TracePtr trace = open_trace(options.trace);
    const TraceHeader& header = trace->header();
    const Place place = place_of(header, options.token);
    std::vector<LayerChoice> choices = choice_scores(*trace, place.row);
    if (options.layer >= 0) {
        std::erase_if(choices, [&](const LayerChoice& c) { return c.layer != options.layer; });
        if (choices.empty()) {
            throw UserError("--layer: layer " + std::to_string(options.layer) +
                            " has no recorded router");
        }
    }
    const TokenTable token = trace->tokens({place.row, place.row + 1});
    const std::string text = header.prompts.text[place.prompt].substr(
        token.byte_begin[0], token.byte_end[0] - token.byte_begin[0]);
    json.write({{"prompt", header.prompts.id[place.prompt]},
                {"token", token.position[0]},
                {"id", token.id[0]},
                {"text", text},
                {"layers", choice_json(choices)}});
    if (json.to_stdout()) return;
    std::printf("prompt '%s', token %u (id %u, '%s')\n", header.prompts.id[place.prompt].c_str(),
                token.position[0], token.id[0], text.c_str());
    for (const LayerChoice& choice : choices) print_layer(choice, options.more);
    std::fflush(stdout);
}

}  // namespace alluvium

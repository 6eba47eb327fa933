#pragma once
#include <string>

#include "app/commands/command.h"

namespace alluvium {

// `inspect TRACE --token PROMPT:N`: what the routers made of one token, layer by layer.
struct ChoiceOptions {
    std::string trace;
    std::string token;     // the prompt's id or number (from 0), and the token's place in it
    int layer = -1;        // -1: every routed layer
    std::size_t more = 4;  // experts shown behind the chosen ones
};

// UserError where the trace has no such token, layer or no logits.
void inspect_choice(const ChoiceOptions& options, const JsonOption& json);

}  // namespace alluvium

#include "app/commands/text_flags.h"

#include "app/commands/model_options.h"

namespace alluvium {

void TextFlags::add_to(CLI::App& command, std::size_t words) {
    words_ = words;
    command.add_option("--text", text_, "The prompt")->required();
    command.add_option("--token", token_,
                       "The token whose prediction is looked into (from 0; default: last)");
    command.add_option("--words", words_, "Tokens named for each part")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100}))
        ->capture_default_str();
    command.add_option("--add-bos", add_bos_, "auto (what the tokenizer does), yes, no")
        ->check(CLI::IsMember({"auto", "yes", "no"}))
        ->capture_default_str();
}

FlowOptions TextFlags::parsed(FlowOptions options) const {
    options.token = token_;
    options.words = words_;
    options.add_bos = parse_add_bos(add_bos_);
    return options;
}

}  // namespace alluvium

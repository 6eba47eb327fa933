#pragma once
// Options that every command which runs a checkpoint shares.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/capture/engine.h"
#include "model/tokenizer/chat_template/chat_template.h"

namespace alluvium {

void add_engine_options(CLI::App& command, EngineOptions& options);
// --adapter alone, for what opens a checkpoint without running it.
void add_adapter_option(CLI::App& command, std::filesystem::path& adapter);

AddBos parse_add_bos(const std::string& word);  // auto | yes | no

// --template, --system and --template-date.
struct ChatFlags {
    std::string kind = "none";
    std::string system;
    std::string date;

    void add_to(CLI::App& command);
    // Nothing for --template none. UserError where options contradict each other.
    std::optional<ChatFrame> frame(const std::string& add_bos) const;
};

// The command line as typed, for a trace's provenance.
void remember_command_line(int argc, char** argv);
const std::string& command_line();
// Its words after the program's name.
const std::vector<std::string>& command_arguments();

}  // namespace alluvium

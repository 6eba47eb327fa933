#pragma once
// Options that every command which runs a checkpoint shares.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/capture/engine.h"

namespace alluvium {

void add_engine_options(CLI::App& command, EngineOptions& options);

AddBos parse_add_bos(const std::string& word);  // auto | yes | no

// The command line as typed, for a trace's provenance.
void remember_command_line(int argc, char** argv);
const std::string& command_line();
// Its words after the program's name.
const std::vector<std::string>& command_arguments();

}  // namespace alluvium

#pragma once
// This program a second time, for work that lasts hours: it keeps its results by itself, can be
// stopped and gone on with, and neither shares memory with the window nor takes it along when it
// fails.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"

namespace alluvium {

struct ProgramCall {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::filesystem::path folder = {};  // where relative paths start; empty: here
};

// Runs it to its end on the calling thread. Progress follows the lines that it writes to standard
// error; cancelling sends SIGINT and waits until it has saved what it does. Throws what it ended
// with: UserError (exit code 2), RunError (1, or a crash), Cancelled.
void run_program(const ProgramCall& call, Progress& progress);

// "training  28672/2867200 tokens (1%), 2867/s": done and total; false for any other line.
bool read_progress(const std::string& line, std::uint64_t& done, std::uint64_t& total);

}  // namespace alluvium

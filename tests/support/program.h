#pragma once
// Runs the built program as a person would, in a shell.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace alluvium::test {

struct ProgramResult {
    int exit_code = -1;
    std::string output;  // standard output
    std::string errors;  // standard error
};

inline std::string quoted(const std::filesystem::path& path) {
    return "'" + path.string() + "'";
}

// `arguments` are shell words. The working directory is a temporary folder.
inline ProgramResult run_program(const std::string& arguments) {
    const TemporaryFolder folder;
    const std::string command = "cd " + quoted(folder.path()) + " && ALLUVIUM_HOME=" ALLUVIUM_SOURCE_DIR
                                " " ALLUVIUM_BINARY_DIR "/app/alluvium " +
                                arguments + " 2>errors.txt </dev/null";
    ProgramResult result;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    std::size_t n = 0;
    while ((n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
        result.output.append(buffer.data(), n);
    }
    const int status = ::pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::ifstream errors(folder / "errors.txt");
    std::ostringstream text;
    text << errors.rdbuf();
    result.errors = text.str();
    return result;
}

}  // namespace alluvium::test

// alluvium: one program, one subcommand per task. Errors end here: exit code 0 done, 1 failed while
// running (what was written stays valid), 2 the user can mend it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "base/error.h"

namespace {

using namespace alluvium;

int report(int code, const std::string& what, const std::string& hint = {}) {
    std::cerr << "error: " << what << '\n';
    if (!hint.empty()) std::cerr << "hint: " << hint << '\n';
    return code;
}

// `--json` takes an optional file, which would swallow an input that follows it: an existing folder
// or trace is an input.
std::vector<std::string> arguments(int argc, char** argv) {
    std::vector<std::string> result(argv + 1, argv + argc);
    for (std::size_t i = 0; i + 1 < result.size(); ++i) {
        const std::filesystem::path next = result[i + 1];
        std::error_code ignored;
        if (result[i] == "--json" && (std::filesystem::is_directory(next, ignored) ||
                                      (next.extension() == ".h5" && exists(next, ignored)))) {
            result[i] = "--json=-";
        }
    }
    return result;
}

int usage_error(const CLI::App& program, const CLI::ParseError& e) {
    const auto chosen = program.get_subcommands();
    const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
    return report(2, e.what(), "see 'alluvium" + name + " --help'");
}

int interrupted(const CLI::App& program) {
    const auto chosen = program.get_subcommands();
    return report(1, "interrupted", chosen.empty() ? "" : after_interruption(*chosen.front()));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App program(
        "alluvium: see, test and settle how multilingual Mixture-of-Experts models route languages",
        "alluvium");
    program.set_version_flag("--version", "alluvium " ALLUVIUM_VERSION);
    program.require_subcommand(0, 1);
    bool quiet = false, verbose = false;
    program.add_flag("-q,--quiet", quiet, "Errors only");
    program.add_flag("-v,--verbose", verbose, "Details");
    program.parse_complete_callback([&] {
        if (quiet) set_verbosity(Verbosity::quiet);
        if (verbose) set_verbosity(Verbosity::verbose);
    });
    program.fallthrough();
    add_commands(program);
    remember_command_line(argc, argv);

    std::vector<std::string> args = arguments(argc, argv);
    if (args.empty()) args = {"open"};
    std::reverse(args.begin(), args.end());  // CLI11 takes its arguments last first
    try {
        program.parse(args);
        return 0;
    } catch (const CLI::Success& e) {
        return program.exit(e);
    } catch (const CLI::ParseError& e) {
        return usage_error(program, e);
    } catch (const UserError& e) {
        return report(2, e.what(), e.hint());
    } catch (const Cancelled&) {
        return interrupted(program);
    } catch (const std::bad_alloc&) {
        return report(1, "out of memory", "use fewer tokens per batch or a smaller checkpoint");
    } catch (const std::exception& e) {
        return report(1, e.what());
    }
}

#pragma once
// One subcommand = one file with an add_... function and one line in commands.cpp.
#include <string>

#include <CLI/CLI.hpp>

#include "base/json.h"
#include "base/progress.h"

namespace alluvium {

// Adds every subcommand to the program's parser.
void add_commands(CLI::App& program);

void add_analyze(CLI::App& program);
void add_capture(CLI::App& program);
void add_check(CLI::App& program);
void add_repack(CLI::App& program);
void add_claim(CLI::App& program);
void add_compare(CLI::App& program);
void add_convert(CLI::App& program);
void add_corpus(CLI::App& program);
void add_doctor(CLI::App& program);
void add_evaluate(CLI::App& program);
void add_flow(CLI::App& program);
void add_import(CLI::App& program);
void add_inspect(CLI::App& program);
void add_intervene(CLI::App& program);
void add_lens(CLI::App& program);
void add_open(CLI::App& program);
void add_pairs(CLI::App& program);
void add_prompts(CLI::App& program);
void add_render(CLI::App& program);
void add_search(CLI::App& program);
void add_sweep(CLI::App& program);
void add_tokenize(CLI::App& program);
void add_train(CLI::App& program);
void add_train_tokenizer(CLI::App& program);
void add_upcycle(CLI::App& program);

// Examples shown under the options of a subcommand's --help.
void set_examples(CLI::App& command, const std::string& examples);

// What an interrupted command leaves behind and how to go on, as its user is told. Without a word
// of its own a command leaves nothing and has to be run again.
void set_after_interruption(const CLI::App& command, const std::string& hint);
std::string after_interruption(const CLI::App& command);

// How much a command says on stderr: -q errors only, -v details.
enum class Verbosity { quiet, normal, verbose };
Verbosity verbosity();
void set_verbosity(Verbosity v);
// A line on stderr unless -q.
void note(const std::string& line);

// `--json [F]`: F absent or "-" is standard output, which then holds the JSON alone.
class JsonOption {
  public:
    void add_to(CLI::App& command);
    bool given() const { return option_ != nullptr && option_->count() > 0; }
    bool to_stdout() const { return given() && (path_.empty() || path_ == "-"); }
    // Writes `result` where the option says; does nothing where it was not given.
    void write(const Json& result) const;

  private:
    CLI::Option* option_ = nullptr;
    std::string path_;
};

// Shows the progress of long work on stderr while it lives: a bar with rate and remaining time on
// a terminal, plain lines every few seconds elsewhere, nothing with -q. SIGINT and SIGTERM cancel
// the work; a second one ends the program at once.
class ProgressLine {
  public:
    ProgressLine(Progress& progress, std::string verb, std::string unit);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alluvium

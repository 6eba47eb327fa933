#include <iostream>
#include <map>

#include "app/commands/command.h"
#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

Verbosity current_verbosity = Verbosity::normal;

std::map<std::string, std::string> interruption_hints;  // by the command's name

}  // namespace

void add_commands(CLI::App& program) {
    add_open(program);
    add_inspect(program);
    add_tokenize(program);
    add_capture(program);
    add_analyze(program);
    add_compare(program);
    add_claim(program);
    add_pairs(program);
    add_search(program);
    add_render(program);
    add_prompts(program);
    add_import(program);
    add_check(program);
    add_repack(program);
    add_convert(program);
    add_upcycle(program);
    add_train_tokenizer(program);
    add_corpus(program);
    add_train(program);
    add_sweep(program);
    add_evaluate(program);
    add_flow(program);
    add_lens(program);
    add_intervene(program);
    add_doctor(program);
}

void set_examples(CLI::App& command, const std::string& examples) {
    command.footer("Examples:\n" + examples);
}

void set_after_interruption(const CLI::App& command, const std::string& hint) {
    interruption_hints[command.get_name()] = hint;
}

std::string after_interruption(const CLI::App& command) {
    const auto found = interruption_hints.find(command.get_name());
    return found != interruption_hints.end() ? found->second : "nothing was written; run it again";
}

Verbosity verbosity() {
    return current_verbosity;
}

void set_verbosity(Verbosity v) {
    current_verbosity = v;
}

void note(const std::string& line) {
    if (current_verbosity != Verbosity::quiet) std::cerr << line << '\n';
}

void JsonOption::add_to(CLI::App& command) {
    option_ = command
                  .add_option("--json", path_,
                              "Write the results as JSON (no file or -: standard output)")
                  ->expected(0, 1)
                  ->type_name("[FILE]");
}

void JsonOption::write(const Json& result) const {
    if (!given()) return;
    // A label or prompt may hold malformed bytes from a foreign file: replaced, never an exception.
    const std::string text = result.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (to_stdout()) {
        std::cout << text << std::flush;
    } else {
        write_file_atomically(path_, text);
    }
}

}  // namespace alluvium

#include "app/commands/model_options.h"

#include "base/error.h"

namespace alluvium {
namespace {

std::string remembered;
std::vector<std::string> remembered_arguments;

// Quoted where a shell would need it, so that the line can be pasted.
std::string shell_word(const std::string& word) {
    const bool plain = !word.empty() && word.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789-_./=:,+@%") == std::string::npos;
    if (plain) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace

void add_engine_options(CLI::App& command, EngineOptions& options) {
    command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command
        .add_option("--dtype", options.dtype,
                    "Of the computation: auto (the checkpoint's on GPU and on CPUs with bf16 units, "
                    "else f32), f32, bf16, f16")
        ->check(CLI::IsMember({"auto", "f32", "bf16", "f16"}))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "CPU threads (default: one per core)")
        ->check(CLI::Range(1, 4096));
}

AddBos parse_add_bos(const std::string& word) {
    if (word == "auto") return AddBos::automatic;
    if (word == "yes") return AddBos::yes;
    if (word == "no") return AddBos::no;
    throw UserError("--add-bos: '" + word + "' is none of auto, yes, no");
}

void ChatFlags::add_to(CLI::App& command) {
    command
        .add_option(
            "--template", kind,
            "chat: every prompt as a user's message in the checkpoint's chat template, up to "
            "where the answer begins; none: as it is")
        ->check(CLI::IsMember({"none", "chat"}))
        ->capture_default_str();
    command.add_option("--system", system,
                       "With --template chat: the system message before every prompt");
    command.add_option(
        "--template-date", date,
        "With --template chat: the day (YYYY-MM-DD) that a template prints as today's");
}

std::optional<ChatFrame> ChatFlags::frame(const std::string& add_bos) const {
    if (kind == "none") {
        if (system.empty() && date.empty()) return std::nullopt;
        throw UserError("--system and --template-date go with --template chat",
                        "add --template chat, or leave them out");
    }
    if (add_bos != "auto") {
        throw UserError(
            "--add-bos " + add_bos + " with --template chat: the template says what comes first",
            "leave out --add-bos");
    }
    ChatFrame frame{.system = system, .date = std::nullopt};
    if (!date.empty()) frame.date = date;
    return frame;
}

void remember_command_line(int argc, char** argv) {
    remembered = "alluvium";
    remembered_arguments.assign(argv + 1, argv + argc);
    for (int i = 1; i < argc; ++i) remembered += " " + shell_word(argv[i]);
}

const std::string& command_line() {
    return remembered;
}

const std::vector<std::string>& command_arguments() {
    return remembered_arguments;
}

}  // namespace alluvium

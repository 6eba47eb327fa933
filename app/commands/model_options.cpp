#include "app/commands/model_options.h"

#include <cstdlib>
#include <map>

#include "app/commands/command.h"
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

namespace {

// "8" is 8 GiB, as are "8GiB" and "8192MiB"; "8GB" is 8e9 bytes.
std::uint64_t parse_memory(const std::string& text) {
    static const std::map<std::string, double> units = {
        {"", 0x1p30},   {"B", 1},       {"kB", 1e3},    {"KB", 1e3},    {"MB", 1e6},
        {"GB", 1e9},    {"TB", 1e12},   {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
        {"TiB", 0x1p40}};
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    std::string unit(end);
    unit.erase(0, unit.find_first_not_of(' '));
    const auto found = units.find(unit);
    const double bytes = found == units.end() ? 0 : number * found->second;
    if (!(bytes >= 1) || bytes > 1e18) {
        throw UserError("--memory: '" + text + "' is no amount of memory",
                        "give GiB (8 or 0.5), or a unit: 500MB, 8GiB");
    }
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace

void add_adapter_option(CLI::App& command, std::filesystem::path& adapter) {
    command.add_option("--adapter", adapter,
                       "Folder of a PEFT LoRA adapter, merged into the weights as they are read");
}

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
    command.add_option_function<std::string>(
        "--memory", [&options](const std::string& text) { options.memory = parse_memory(text); },
        "GiB that may be used (or 500MB, 8GiB; default: what is free); a larger model is streamed "
        "layer by layer, with the same results");
    add_adapter_option(command, options.adapter);
    options.before_loading = [](const MemoryPlan& plan) { note(plan.sentence()); };
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

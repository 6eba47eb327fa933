#include <iostream>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "captures/prompt_file.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint;
    std::vector<std::string> texts;
    std::vector<std::string> files;
    std::string add_bos = "auto";
    ChatFlags chat;
    bool json = false;
};

// Texts become tokens as they are, or as messages.
struct Encoder {
    explicit Encoder(const Options& options)
        : tokenizer(Tokenizer::open(options.checkpoint)), add_bos(parse_add_bos(options.add_bos)) {
        if (const auto frame = options.chat.frame(options.add_bos))
            chat.emplace(options.checkpoint, *frame);
    }
    Encoding operator()(const std::string& text) const {
        return chat ? chat->encode(tokenizer, text) : tokenizer.encode(text, add_bos);
    }

    Tokenizer tokenizer;
    AddBos add_bos;
    std::optional<ChatEncoder> chat;
};

void print(const Encoder& encode, const std::string& text, const Options& options) {
    const Encoding e = encode(text);
    if (options.json) {
        std::cout << Json{{"ids", e.ids}, {"begin", e.begin}, {"end", e.end}}.dump() << '\n';
        return;
    }
    // For people: id, bytes and the piece of text, a token a line.
    for (std::size_t i = 0; i < e.size(); ++i) {
        const std::string piece = e.special[i] != 0
                                      ? encode.tokenizer.token_text(e.ids[i])
                                      : text.substr(e.begin[i], e.end[i] - e.begin[i]);
        std::cout << e.ids[i] << '\t' << e.begin[i] << '-' << e.end[i] << '\t'
                  << Json(piece).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    std::cout << '\n';
}

void run(const Options& options) {
    const Encoder encode(options);
    if (options.texts.empty() && options.files.empty()) {
        throw UserError("no text given", "give TEXT, or --file F");
    }
    for (const std::string& text : options.texts) print(encode, text, options);
    if (options.files.empty()) return;
    for (const Prompt& prompt : read_prompt_files(options.files)) {
        if (prompt.ids.empty()) {
            print(encode, prompt.text, options);
        } else {
            throw UserError("prompt '" + prompt.id + "' holds token ids, not text");
        }
    }
}

}  // namespace

void add_tokenize(CLI::App& program) {
    auto* command =
        program.add_subcommand("tokenize", "Token ids and byte offsets, one JSON line per text");
    const auto options = std::make_shared<Options>();
    command->add_option("CHECKPOINT", options->checkpoint, "Folder with the tokenizer's files")
        ->required();
    command->add_option("TEXT", options->texts, "Texts");
    command->add_option("--file", options->files, "Prompt file (.txt, .tsv, .jsonl)");
    command
        ->add_option("--add-bos", options->add_bos, "auto: what the tokenizer does; no: bare ids")
        ->check(CLI::IsMember({"auto", "yes", "no"}));
    options->chat.add_to(*command);
    command
        ->add_flag("--json,!--table", options->json,
                   "JSON lines (the default); --table: a token a line, for reading")
        ->default_val(true);
    options->json = true;
    set_examples(
        *command,
        "  alluvium tokenize ~/models/Apollo-MoE-0.5B 'My chest hurts when I breathe.'\n"
        "  alluvium tokenize ~/models/OLMoE-1B-7B --file prompts.tsv --add-bos no\n"
        "  alluvium tokenize ~/models/Qwen3-30B-A3B 'Where does it hurt?' --template chat\n"
        "  alluvium tokenize ~/models/OLMoE-1B-7B --table 'Ça fait mal.'");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

// tokenizer_tool tokenize FOLDER --file F.jsonl [--add-bos auto|yes|no]
//     one line {"ids","begin","end"} per line of F, as `alluvium tokenize` writes them
// tokenizer_tool speed FOLDER TEXT...
//     {"tokens","bytes","seconds"} of one pass over the lines of the files, one thread
// tokenizer_tool render F.jsonl
//     one line {"text"} or {"error"} per line {"template","tokens","messages","prompt","today"} of
//     F
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "model/tokenizer/chat_template/chat_template.h"
#include "model/tokenizer/tokenizer.h"

namespace {

using alluvium::AddBos;
using alluvium::Json;
using alluvium::Tokenizer;

int tokenize(const Tokenizer& tokenizer, const char* file, AddBos add_bos) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const std::string text = Json::parse(line).at("text").get<std::string>();
        const alluvium::Encoding encoding = tokenizer.encode(text, add_bos);
        const Json result = {
            {"ids", encoding.ids}, {"begin", encoding.begin}, {"end", encoding.end}};
        std::cout << result << '\n';
    }
    return 0;
}

int speed(const Tokenizer& tokenizer, std::span<char*> files) {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    for (const char* file : files) {
        std::ifstream stream(file);
        for (std::string line; std::getline(stream, line);) {
            bytes += line.size();
            lines.push_back(line);
        }
    }
    // Processor time: other work on the machine does not count.
    const std::clock_t start = std::clock();
    std::size_t tokens = 0;
    for (const std::string& line : lines) tokens += tokenizer.encode(line, AddBos::no).size();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::cout << Json{{"tokens", tokens}, {"bytes", bytes}, {"seconds", seconds}} << '\n';
    return 0;
}

Json rendered(const Json& test) {
    std::vector<alluvium::ChatMessage> messages;
    for (const Json& message : test.at("messages")) {
        messages.push_back(
            {message.at("role").get<std::string>(), message.at("content").get<std::string>()});
    }
    alluvium::RenderOptions options;
    options.add_generation_prompt = test.at("prompt").get<bool>();
    const std::time_t now = std::time(nullptr);
    if (test.value("today", false)) options.date = *std::localtime(&now);
    try {
        const alluvium::ChatTemplate chat(
            test.at("template").get<std::string>(), "template",
            test.at("tokens").get<std::map<std::string, std::string>>());
        return {{"text", chat.render(messages, options).text}};
    } catch (const alluvium::UserError& e) {
        return {{"error", e.what()}};
    }
}

int render(const char* file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        std::cout << rendered(Json::parse(line)) << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "render") == 0) return render(argv[2]);
    if (argc < 4) return 2;
    try {
        const Tokenizer tokenizer = Tokenizer::open(argv[2]);
        if (std::strcmp(argv[1], "speed") == 0) {
            return speed(tokenizer, std::span(argv + 3, argv + argc));
        }
        if (argc < 5) return 2;
        const std::string bos = argc > 6 ? argv[6] : "auto";
        return tokenize(tokenizer, argv[4],
                        bos == "yes"  ? AddBos::yes
                        : bos == "no" ? AddBos::no
                                      : AddBos::automatic);
    } catch (const alluvium::UserError& e) {
        std::cerr << "error: " << e.what() << "\nhint: " << e.hint() << '\n';
        return 2;
    }
}

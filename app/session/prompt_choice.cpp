#include "app/session/prompt_choice.h"

#include <algorithm>
#include <set>

#include "base/assets.h"
#include "base/error.h"

namespace alluvium {
namespace {

std::string trimmed(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return std::string(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
}

std::vector<Prompt> own_prompts(const PromptChoice& choice) {
    std::vector<Prompt> prompts;
    std::string_view rest = choice.own_text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string text = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (text.empty()) continue;
        Prompt prompt;
        prompt.id = "own:" + std::to_string(prompts.size() + 1);
        prompt.text = text;
        prompt.language = choice.own_language;
        prompts.push_back(std::move(prompt));
    }
    if (prompts.empty()) {
        throw UserError("there is no text to run", "type a prompt, or choose a prompt set");
    }
    return prompts;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<std::string> builtin_prompt_files() {
    std::vector<std::string> files;
    std::filesystem::path folder;
    try {
        folder = find_asset("assets/prompts");
    } catch (const UserError&) {
        return files;
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".tsv") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

PromptSet read_prompt_set(const std::string& path) {
    PromptSet set{.path = path,
                  .name = std::filesystem::path(path).stem().string(),
                  .prompts = read_prompt_files({path}),
                  .languages = {}};
    std::set<std::string> groups;
    for (const Prompt& prompt : set.prompts) {
        if (!contains(set.languages, prompt.language)) set.languages.push_back(prompt.language);
        if (!prompt.group.empty()) groups.insert(prompt.group);
    }
    set.groups = static_cast<std::uint32_t>(groups.size());
    return set;
}

std::vector<Prompt> chosen_prompts(const PromptChoice& choice, const PromptSet& set) {
    if (choice.set.empty()) return own_prompts(choice);
    std::vector<Prompt> prompts;
    std::vector<std::string> groups;  // those taken, in order of appearance
    for (const Prompt& prompt : set.prompts) {
        if (!choice.languages.empty() && !contains(choice.languages, prompt.language)) continue;
        if (choice.groups > 0 && !prompt.group.empty() && !contains(groups, prompt.group)) {
            if (groups.size() >= choice.groups) continue;
            groups.push_back(prompt.group);
        }
        prompts.push_back(prompt);
    }
    if (prompts.empty()) {
        throw UserError(set.name + ": no prompt is in the languages chosen",
                        "choose at least one language of the set");
    }
    return prompts;
}

Json prompt_choice_json(const PromptChoice& choice) {
    return {{"set", choice.set},
            {"languages", choice.languages},
            {"groups", choice.groups},
            {"own_text", choice.own_text},
            {"own_language", choice.own_language}};
}

PromptChoice prompt_choice_from_json(const Json& json) {
    const PromptChoice fresh;
    return {json.value("set", fresh.set), json.value("languages", fresh.languages),
            json.value("groups", fresh.groups), json.value("own_text", fresh.own_text),
            json.value("own_language", fresh.own_language)};
}

}  // namespace alluvium

#include "captures/corpora/corpora.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "base/error.h"
#include "captures/corpora/readers.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr std::array kReaders{
    CorpusReader{"sib200", "SIB-200: news and travel sentences with topics (*.train.tsv, ...)",
                 read_sib200},
    CorpusReader{"flores", "FLORES-101 or -200: dev and devtest sentences", read_flores},
    CorpusReader{"udhr", "Universal Declaration of Human Rights: one prompt an article", read_udhr},
    CorpusReader{"tico19", "TICO-19: medical sentences (all.en-*.tmx, also zipped)", read_tico19},
    CorpusReader{"tatoeba", "Tatoeba test set: short sentences with English", read_tatoeba},
    CorpusReader{"tsv", "a .tsv per language, aligned by id or by line", read_tsv_folder},
};

const CorpusReader& find_reader(std::string_view name) {
    std::string known;
    for (const CorpusReader& reader : kReaders) {
        if (reader.name == name) return reader;
        known += (known.empty() ? "" : ", ") + std::string(reader.name);
    }
    throw UserError("unknown corpus '" + std::string(name) + "'", "the corpora are: " + known);
}

std::string canonical(const std::string& label) {
    const Language* language = LanguageTable::instance().find(label);
    return language != nullptr ? language->code : label;
}

// One code per label. Where a corpus has several variants of a language (German of 1901 and of
// 1996), the first in alphabetical order gets the code and the others keep their own labels.
std::map<std::string, std::string> codes_of_labels(const std::vector<Prompt>& prompts) {
    std::set<std::string> labels;
    for (const Prompt& prompt : prompts) labels.insert(prompt.language);
    std::map<std::string, std::string> codes;
    std::set<std::string> taken;
    for (const std::string& label : labels) {
        const std::string code = canonical(label);
        codes[label] = taken.insert(code).second ? code : label;
    }
    return codes;
}

void keep_languages(std::vector<Prompt>& prompts, const CorpusRequest& request) {
    if (request.languages.empty()) return;
    std::set<std::string> there;
    for (const Prompt& prompt : prompts) there.insert(prompt.language);
    std::set<std::string> wanted;
    for (const std::string& label : request.languages) {
        const std::string code = there.contains(label) ? label : canonical(label);
        if (!there.contains(code)) {
            throw UserError("'" + request.folder + "' has no language '" + label + "'");
        }
        wanted.insert(code);
    }
    std::erase_if(prompts, [&](const Prompt& p) { return !wanted.contains(p.language); });
}

// Groups in the order in which they first appear, languages in alphabetical order inside them.
void order_by_group(std::vector<Prompt>& prompts) {
    std::map<std::string, std::size_t> rank;
    for (const Prompt& prompt : prompts) rank.emplace(prompt.group, rank.size());
    std::ranges::stable_sort(prompts, [&](const Prompt& a, const Prompt& b) {
        const std::size_t first = rank.at(a.group);
        const std::size_t second = rank.at(b.group);
        return first != second ? first < second : a.language < b.language;
    });
}

void keep_groups(std::vector<Prompt>& prompts, std::size_t max_groups) {
    if (max_groups == 0) return;
    std::set<std::string> groups;
    std::erase_if(prompts, [&](const Prompt& prompt) {
        if (groups.contains(prompt.group)) return false;
        if (groups.size() == max_groups) return true;
        groups.insert(prompt.group);
        return false;
    });
}

// A second prompt of a language in one group is numbered: "tatoeba/7:fr", "tatoeba/7:fr:2".
void give_ids(std::vector<Prompt>& prompts, std::string_view corpus) {
    std::map<std::string, int> uses;
    for (Prompt& prompt : prompts) {
        prompt.group = std::string(corpus) + "/" + prompt.group;
        prompt.id = prompt.group + ":" + prompt.language;
        const int use = ++uses[prompt.id];
        if (use > 1) prompt.id += ":" + std::to_string(use);
    }
}

}  // namespace

std::span<const CorpusReader> corpus_readers() {
    return kReaders;
}

std::vector<Prompt> read_corpus(std::string_view corpus, const CorpusRequest& request) {
    const CorpusReader& reader = find_reader(corpus);
    if (!std::filesystem::is_directory(request.folder)) {
        throw UserError("'" + request.folder + "' is not a folder",
                        "give the folder that holds the corpus's files");
    }
    std::vector<Prompt> prompts = reader.read(request.folder);
    const auto codes = codes_of_labels(prompts);
    for (Prompt& prompt : prompts) prompt.language = codes.at(prompt.language);
    keep_languages(prompts, request);
    order_by_group(prompts);
    keep_groups(prompts, request.max_groups);
    give_ids(prompts, corpus);
    return prompts;
}

}  // namespace alluvium

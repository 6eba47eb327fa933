#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>
#include <set>

#include <toml++/toml.h>

#include "analysis/claims/claim.h"
#include "analysis/number_text.h"
#include "analysis/slices/slice.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text_hash.h"

namespace alluvium {
namespace {

// One table of the file; every key must be asked for, so that a misspelt one is noticed.
class Section {
  public:
    Section(const toml::table& table, std::string path, std::string name)
        : table_(table), path_(std::move(path)), name_(std::move(name)) {}

    void only(std::initializer_list<std::string_view> known) const {
        std::string list;
        for (const std::string_view key : known)
            list += (list.empty() ? "" : ", ") + std::string(key);
        for (const auto& [key, value] : table_) {
            if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
            refuse(key.source().begin.line, "'" + std::string(key.str()) + "' is unknown",
                   "use one of " + list);
        }
    }

    template <typename T>
    T get(std::string_view key, T otherwise, const std::string& what) const {
        const toml::node* const node = table_.get(key);
        if (node == nullptr) return otherwise;
        const std::optional<T> value = node->value<T>();
        if (!value)
            refuse(node->source().begin.line, "'" + std::string(key) + "' is no " + what, {});
        return *value;
    }
    std::string text(std::string_view key, std::string otherwise = {}) const {
        return get<std::string>(key, std::move(otherwise), "text");
    }
    double share(std::string_view key, double otherwise) const {
        const double value = get<double>(key, otherwise, "number");
        if (!(value >= 0 && value <= 1)) {
            refuse(line(key), "'" + std::string(key) + "' must lie in 0 .. 1", {});
        }
        return value;
    }
    std::size_t count(std::string_view key, std::size_t otherwise) const {
        const auto value = get<std::int64_t>(key, static_cast<std::int64_t>(otherwise), "number");
        if (value < 0) refuse(line(key), "'" + std::string(key) + "' is negative", {});
        return static_cast<std::size_t>(value);
    }
    const toml::node* node(std::string_view key) const { return table_.get(key); }
    std::size_t line(std::string_view key) const {
        const toml::node* const found = table_.get(key);
        return found == nullptr ? table_.source().begin.line : found->source().begin.line;
    }
    // A table of this one; an empty one where the file has none.
    Section inside(const std::string& key) const {
        static const toml::table none;
        const toml::node* const found = table_.get(key);
        if (found == nullptr) return {none, path_, key};
        if (!found->is_table())
            refuse(line(key), "'" + key + "' is no table", "write [" + key + "]");
        return {*found->as_table(), path_, key};
    }

    [[noreturn]] void refuse(std::size_t line, const std::string& what,
                             const std::string& hint) const {
        throw UserError("claim '" + path_ + "', line " + std::to_string(line) + ": " +
                            (name_.empty() ? "" : "[" + name_ + "] ") + what,
                        hint.empty() ? "docs/claims.md describes the file" : hint);
    }

  private:
    const toml::table& table_;
    std::string path_, name_;
};

std::vector<Pattern> read_patterns(const Section& section) {
    const toml::node* const node = section.node("pattern");
    std::vector<std::string> names;
    if (node->is_string()) names.push_back(section.text("pattern"));
    if (const toml::array* const list = node->as_array()) {
        for (const toml::node& item : *list) {
            names.push_back(item.value_or(std::string()));
        }
    }
    std::vector<Pattern> patterns;
    for (const std::string& name : names) {
        const std::optional<Pattern> pattern = claimable_pattern(name);
        if (!pattern) {
            section.refuse(
                section.line("pattern"), "'" + name + "' is no pattern",
                "use spread_out_in_the_end, u_shaped, front_loaded, middle_peaked, flat, "
                "late_convergence, early_rise, rising, falling or no_language_routing");
        }
        patterns.push_back(*pattern);
    }
    if (patterns.empty()) section.refuse(section.line("pattern"), "'pattern' names nothing", {});
    return patterns;
}

ClaimWindow read_window(const Section& section, const std::string& key) {
    const toml::node* const node = section.node(key);
    static const std::set<std::string> known = {"early", "middle", "late", "last_two"};
    const std::string hint =
        "use early, middle, late, last_two or shares of the depth: [0.75, 1.0]";
    if (node == nullptr) section.refuse(section.line(key), "'" + key + "' is missing", hint);
    if (node->is_string()) {
        const std::string name = section.text(key);
        if (!known.contains(name)) {
            section.refuse(section.line(key), "'" + name + "' is no window", hint);
        }
        return {name, 0, 0};
    }
    const toml::array* const ends = node->as_array();
    ClaimWindow window;
    if (ends != nullptr && ends->size() == 2) {
        window.from = (*ends)[0].value_or(-1.0);
        window.to = (*ends)[1].value_or(-1.0);
    }
    if (!(window.from >= 0 && window.from < window.to && window.to <= 1)) {
        section.refuse(section.line(key), "'" + key + "' is no window", hint);
    }
    window.name = "depth " + fixed_text(window.from) + " to " + fixed_text(window.to);
    return window;
}

void read_hypothesis(const Section& section, Claim& claim) {
    section.only({"pattern", "higher", "lower", "above"});
    const bool effect = section.node("higher") != nullptr || section.node("lower") != nullptr;
    const bool pattern = section.node("pattern") != nullptr;
    if (effect == pattern) {
        section.refuse(section.line(""),
                       pattern ? "both a pattern and an effect are named" : "no hypothesis",
                       "write pattern = \"u_shaped\", or higher = \"late\", lower = \"early\", "
                       "above = 0.05");
    }
    if (pattern) claim.patterns = read_patterns(section);
    if (effect) {
        claim.effect = ClaimEffect{read_window(section, "higher"), read_window(section, "lower"),
                                   section.get<double>("above", 0.0, "number")};
    }
}

void read_sample(const Section& section, Claim& claim) {
    section.only({"prompt_set", "by", "where", "fewest_groups", "fewest_units"});
    claim.prompt_set = section.text("prompt_set");
    claim.options.by = section.text("by", "language");
    claim.options.where = section.text("where");
    if (!claim.options.where.empty()) {
        parse_slice(claim.options.where, "claim '" + claim.path + "', [sample] where");
    }
    claim.fewest_groups = section.count("fewest_groups", 2);
    claim.fewest_units = section.count("fewest_units", 2);
}

void read_test(const Section& section, Claim& claim) {
    section.only({"weighting", "seed", "effect", "power"});
    claim.options.weighting = parse_weighting(section.text("weighting", "count"));
    claim.options.seed = section.count("seed", 0);
    claim.power = {section.share("effect", 0.05), section.share("power", 0.8)};
    if (claim.power.effect == 0) section.refuse(section.line("effect"), "'effect' is 0", {});
}

void read_controls(const Section& section, Claim& claim) {
    section.only({"remainder", "random_router", "robustness"});
    claim.controls.remainder = section.get<bool>("remainder", false, "true or false");
    claim.controls.random_router = section.get<bool>("random_router", false, "true or false");
    claim.controls.robustness = section.share("robustness", 0);
    if (claim.effect && (claim.controls.remainder || claim.controls.robustness > 0)) {
        section.refuse(section.line("remainder"),
                       "remainder and robustness judge patterns, the hypothesis is an effect",
                       "name a pattern, or leave these controls out");
    }
}

}  // namespace

std::optional<Pattern> claimable_pattern(std::string_view name) {
    for (const Pattern pattern :
         {Pattern::spread_out_in_the_end, Pattern::u_shaped, Pattern::front_loaded,
          Pattern::middle_peaked, Pattern::flat, Pattern::late_convergence, Pattern::early_rise,
          Pattern::rising, Pattern::falling, Pattern::no_language_routing}) {
        if (to_string(pattern) == name) return pattern;
    }
    return {};
}

Claim read_claim(const std::string& path) {
    Claim claim;
    claim.path = path;
    const std::string text = read_file(path);
    claim.file_hash = text_hash(text);
    toml::table file;
    try {
        file = toml::parse(text, path);
    } catch (const toml::parse_error& e) {
        throw UserError("claim '" + path + "', line " + std::to_string(e.source().begin.line) +
                            ": " + std::string(e.description()),
                        "claim files are TOML; docs/claims.md describes them");
    }
    const Section top(file, path, "");
    top.only({"name", "claim", "source", "hypothesis", "sample", "test", "controls"});
    claim.name = top.text("name", std::filesystem::path(path).stem().string());
    claim.statement = top.text("claim");
    claim.source = top.text("source");
    read_hypothesis(top.inside("hypothesis"), claim);
    read_sample(top.inside("sample"), claim);
    read_test(top.inside("test"), claim);
    read_controls(top.inside("controls"), claim);
    return claim;
}

}  // namespace alluvium

#pragma once
// Which language or family each expert stands for.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

class LanguageTable;

enum class ExpertsBy { none, language, family };

ExpertsBy parse_experts_by(std::string_view word);  // "none" | "language" | "family"; UserError
std::string_view experts_by_word(ExpertsBy by);     // the same words

// [experts] labels; empty for ExpertsBy::none. By language: the codes of `languages` in
// alphabetical order, or, where none are given, the 12 major languages for 12 experts and all 50
// for 50. By family: the 7 families of the talk's table. UserError where their number is not
// `experts`, or a language is unknown or named twice.
std::vector<std::string> expert_labels(ExpertsBy by, int experts,
                                       std::span<const std::string> languages,
                                       const LanguageTable& table);

// The expert that a language belongs to, by labels that expert_labels() made; nothing where it has
// none or the table does not know it.
std::optional<int> expert_of(const std::string& language, ExpertsBy by,
                             std::span<const std::string> labels, const LanguageTable& table);

}  // namespace alluvium

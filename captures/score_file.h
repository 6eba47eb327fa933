#pragma once
// The results of `alluvium evaluate --json`, language by language, as tables to be shown beside
// each other (docs/evaluation.md).
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace alluvium {

struct Score {
    double value = 0, low = 0, high = 0;  // with its 95 % interval; not finite: missing
    std::uint64_t size = 0;  // questions or texts; of an average: the languages it is over
};

struct LanguageScore {
    std::string language;
    Score score;
    std::uint64_t invalid = 0, unanswered = 0;  // questions
};

struct ScoreTable {
    std::string measure;  // "questions", "topics", "nats per byte"
    std::vector<LanguageScore> languages;
    std::optional<Score> major, minor, average;     // absent: no language of that kind was scored
    std::optional<double> guessing, most_frequent;  // accuracies without understanding

    const LanguageScore* find(const std::string& language) const;
};

struct ScoreFile {
    std::string checkpoint, checkpoint_id, route;
    std::string score;  // how questions were put: "text", "letter", "apollo"; empty: none were
    std::vector<ScoreTable> tables;

    const ScoreTable* find(const std::string& measure) const;
};

// UserError where the file is missing or is no such result.
ScoreFile read_score_file(const std::filesystem::path& path);

}  // namespace alluvium

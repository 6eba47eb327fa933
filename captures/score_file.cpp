#include "captures/score_file.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

double number(const Json& json) {
    return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Score score_of(const Json& json, const char* value, const char* size) {
    return {.value = number(json.at(value)),
            .low = number(json.at("low")),
            .high = number(json.at("high")),
            .size = json.at(size).get<std::uint64_t>()};
}

std::optional<Score> average_of(const Json& table, const char* name) {
    const Json& json = table.at(name);
    if (json.is_null()) return std::nullopt;
    return score_of(json, "value", "languages");
}

// `value` and `size`: the names that this measure's numbers have.
ScoreTable table_of(const Json& json, std::string measure, const char* value, const char* size) {
    ScoreTable table;
    table.measure = std::move(measure);
    for (const auto& [language, row] : json.at("languages").items()) {
        table.languages.push_back({language, score_of(row, value, size),
                                   row.value("invalid", std::uint64_t{0}),
                                   row.value("unanswered", std::uint64_t{0})});
    }
    table.major = average_of(json, "major");
    table.minor = average_of(json, "minor");
    table.average = average_of(json, "average");
    if (json.contains("guessing")) table.guessing = number(json.at("guessing"));
    if (json.contains("most_frequent")) table.most_frequent = number(json.at("most_frequent"));
    return table;
}

ScoreFile parse(const Json& json) {
    const Json& about = json.at("evaluation");
    ScoreFile file{.checkpoint = about.at("checkpoint").get<std::string>(),
                   .checkpoint_id = about.at("checkpoint_id").get<std::string>(),
                   .route = about.at("route").get<std::string>(),
                   .score = about.value("score", std::string()),
                   .tables = {}};
    if (json.contains("languages")) {
        file.tables.push_back(table_of(json, "questions", "accuracy", "questions"));
    }
    if (json.contains("topics")) {
        file.tables.push_back(table_of(json.at("topics"), "topics", "accuracy", "questions"));
    }
    if (json.contains("texts")) {
        file.tables.push_back(
            table_of(json.at("texts"), "nats per byte", "nats_per_byte", "texts"));
    }
    return file;
}

}  // namespace

const LanguageScore* ScoreTable::find(const std::string& language) const {
    const auto found = std::find_if(languages.begin(), languages.end(),
                                    [&](const LanguageScore& s) { return s.language == language; });
    return found == languages.end() ? nullptr : &*found;
}

const ScoreTable* ScoreFile::find(const std::string& measure) const {
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const ScoreTable& t) { return t.measure == measure; });
    return found == tables.end() ? nullptr : &*found;
}

ScoreFile read_score_file(const std::filesystem::path& path) {
    const Json json = read_json(path);
    try {
        return parse(json);
    } catch (const Json::exception& error) {
        throw UserError("'" + path.string() + "' is no result of an evaluation: " + error.what(),
                        "give a file that 'alluvium evaluate --json F' wrote");
    }
}

}  // namespace alluvium

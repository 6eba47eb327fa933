#include "model/evaluate/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <span>

namespace alluvium {
namespace {

Json average_json(const std::optional<Average>& average) {
    if (!average) return nullptr;
    return {{"value", json_number(average->value)},
            {"low", json_number(average->interval.low)},
            {"high", json_number(average->interval.high)},
            {"languages", average->languages}};
}

Json with_averages(Json languages, const Averages& averages) {
    return {{"languages", std::move(languages)},
            {"major", average_json(averages.major)},
            {"minor", average_json(averages.minor)},
            {"average", average_json(averages.all)}};
}

std::string number(double value) {
    if (!std::isfinite(value)) return "";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.9g", value);
    return text.data();
}

std::string quoted(const std::string& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
}

// The fields that a measure does not have stay empty.
struct CsvRow {
    std::string measure, language, units, correct, unanswered, invalid, tokens, bytes;
    double value = 0;
    Interval interval;
};

class CsvTable {
  public:
    void add(const CsvRow& row) {
        const std::array fields = {row.measure,
                                   row.language,
                                   row.units,
                                   row.correct,
                                   row.unanswered,
                                   row.invalid,
                                   row.tokens,
                                   row.bytes,
                                   number(row.value),
                                   number(row.interval.low),
                                   number(row.interval.high)};
        for (std::size_t i = 0; i < fields.size(); ++i) {
            text_ += (i == 0 ? "" : ",") + quoted(fields[i]);
        }
        text_ += "\r\n";
    }

    // units: the languages that the average is over.
    void add(const std::string& measure, const Averages& averages) {
        const auto add_one = [&](const char* name, const std::optional<Average>& average) {
            if (!average) return;
            CsvRow row;
            row.measure = measure;
            row.language = name;
            row.units = std::to_string(average->languages);
            row.value = average->value;
            row.interval = average->interval;
            add(row);
        };
        add_one("major", averages.major);
        add_one("minor", averages.minor);
        add_one("average", averages.all);
    }

    void add(const std::string& measure, const AccuracyTable& table) {
        for (const AccuracyRow& row : table.rows) {
            add({measure, row.language, std::to_string(row.questions), std::to_string(row.correct),
                 std::to_string(row.unanswered), std::to_string(row.invalid), "", "", row.accuracy,
                 row.interval});
        }
        add(measure, table.averages);
    }

    void add(const LossTable& table) {
        for (const LossRow& row : table.rows) {
            add({"nats_per_byte", row.language, std::to_string(row.texts), "", "", "",
                 std::to_string(row.tokens), std::to_string(row.bytes), row.per_byte,
                 row.interval});
        }
        add("nats_per_byte", table.averages);
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_ =
        "measure,language,units,correct,unanswered,invalid,tokens,bytes,value,"
        "low,high\r\n";
};

}  // namespace

Json accuracy_json(const AccuracyTable& table) {
    Json languages = Json::object();
    for (const AccuracyRow& row : table.rows) {
        languages[row.language] = {{"questions", row.questions},
                                   {"correct", row.correct},
                                   {"accuracy", json_number(row.accuracy)},
                                   {"low", json_number(row.interval.low)},
                                   {"high", json_number(row.interval.high)},
                                   {"invalid", row.invalid},
                                   {"unanswered", row.unanswered}};
    }
    Json result = with_averages(std::move(languages), table.averages);
    result["guessing"] = json_number(table.guessing);
    result["most_frequent"] = json_number(table.most_frequent);
    return result;
}

Json loss_json(const LossTable& table) {
    Json languages = Json::object();
    for (const LossRow& row : table.rows) {
        languages[row.language] = {{"texts", row.texts},
                                   {"tokens", row.tokens},
                                   {"bytes", row.bytes},
                                   {"nats", json_number(row.nats)},
                                   {"nats_per_token", json_number(row.per_token)},
                                   {"nats_per_byte", json_number(row.per_byte)},
                                   {"low", json_number(row.interval.low)},
                                   {"high", json_number(row.interval.high)}};
    }
    return with_averages(std::move(languages), table.averages);
}

Json evaluation_json(const Evaluation& evaluation) {
    Json result = evaluation.questions ? accuracy_json(*evaluation.questions) : Json::object();
    if (evaluation.topics) result["topics"] = accuracy_json(*evaluation.topics);
    if (evaluation.texts) result["texts"] = loss_json(*evaluation.texts);
    result["evaluation"] = {{"checkpoint", evaluation.checkpoint},
                            {"checkpoint_id", evaluation.checkpoint_id},
                            {"route", evaluation.route}};
    if (evaluation.questions) result["evaluation"]["score"] = evaluation.score;
    return result;
}

std::string evaluation_csv(const Evaluation& evaluation) {
    CsvTable table;
    if (evaluation.questions) table.add("questions", *evaluation.questions);
    if (evaluation.topics) table.add("topics", *evaluation.topics);
    if (evaluation.texts) table.add(*evaluation.texts);
    return table.take();
}

}  // namespace alluvium

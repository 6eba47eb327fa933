#include "captures/training_run.h"

#include <cstdlib>
#include <limits>
#include <map>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLog = "log.csv";
constexpr const char* kValidation = "validation.csv";

// Rows of a table without quotes, by the names of its columns.
class Table {
  public:
    explicit Table(const fs::path& path) : path_(path), text_(read_file(path)) {
        for (const std::string_view name : fields(next_line())) {
            columns_.emplace(name, columns_.size());
        }
    }

    // False after the last whole line.
    bool next() {
        const std::string_view line = next_line();
        if (line.empty()) return false;
        row_ = fields(line);
        return true;
    }

    std::string text(const char* column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end()) {
            throw UserError("'" + path_.string() + "' has no column '" + column + "'",
                            "give the folder of a run of 'alluvium train'");
        }
        return found->second < row_.size() ? std::string(row_[found->second]) : std::string();
    }

    double number(const char* column) const {
        const std::string field = text(column);
        return field.empty() ? std::numeric_limits<double>::quiet_NaN()
                             : std::strtod(field.c_str(), nullptr);
    }

    std::int64_t count(const char* column) const {
        return std::strtoll(text(column).c_str(), nullptr, 10);
    }

  private:
    // Without its end; empty where there is no whole line any more.
    std::string_view next_line() {
        const std::size_t end = text_.find('\n', at_);
        if (end == std::string::npos) return {};
        const std::string_view line = std::string_view(text_).substr(at_, end - at_);
        at_ = end + 1;
        return line;
    }

    static std::vector<std::string_view> fields(std::string_view line) {
        std::vector<std::string_view> found;
        while (true) {
            const std::size_t comma = line.find(',');
            found.push_back(line.substr(0, comma));
            if (comma == std::string_view::npos) return found;
            line.remove_prefix(comma + 1);
        }
    }

    fs::path path_;
    std::string text_;
    std::size_t at_ = 0;
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::vector<std::string_view> row_;
};

std::vector<TrainingStep> read_steps(const fs::path& path) {
    std::vector<TrainingStep> steps;
    Table table(path);
    while (table.next()) {
        steps.push_back({.step = table.count("step"),
                         .tokens = static_cast<std::uint64_t>(table.count("tokens")),
                         .loss = table.number("loss"),
                         .balance_loss = table.number("balance_loss"),
                         .gradient_norm = table.number("gradient_norm"),
                         .learning_rate = table.number("learning_rate"),
                         .routing_entropy = table.number("routing_entropy"),
                         .own_expert_share = table.number("own_expert_share"),
                         .tokens_per_s = table.number("tokens_per_s")});
    }
    return steps;
}

std::vector<ValidationLoss> read_validation(const fs::path& path) {
    std::vector<ValidationLoss> rows;
    if (!fs::exists(path)) return rows;
    Table table(path);
    while (table.next()) {
        rows.push_back({.step = table.count("step"),
                        .language = table.text("language"),
                        .nats_per_token = table.number("nats_per_token"),
                        .nats_per_byte = table.number("nats_per_byte")});
    }
    return rows;
}

void read_record(const fs::path& path, TrainingRun& run) {
    if (!fs::exists(path)) return;
    const Json record = read_json(path);
    try {
        run.planned_steps = record.at("steps").get<std::int64_t>();
        run.command = record.at("command").get<std::vector<std::string>>();
        run.started_in = record.at("folder").get<std::string>();
    } catch (const Json::exception& error) {
        throw UserError("'" + path.string() + "' is no record of a run: " + error.what(),
                        "delete it; the run's curves do not need it");
    }
}

}  // namespace

bool is_training_run(const fs::path& folder) {
    return fs::is_regular_file(folder / kLog);
}

TrainingRun read_training_run(const fs::path& folder) {
    if (!is_training_run(folder)) {
        throw UserError("'" + folder.string() + "' holds no training run: log.csv is missing",
                        "give the folder that 'alluvium train' writes");
    }
    TrainingRun run;
    run.name = folder.filename().string();
    run.steps = read_steps(folder / kLog);
    run.validation = read_validation(folder / kValidation);
    read_record(folder / kRunRecord, run);
    return run;
}

std::string run_record(const TrainingRun& run) {
    const Json record = {{"command", run.command},
                         {"folder", run.started_in.string()},
                         {"steps", run.planned_steps}};
    return record.dump(1) + "\n";
}

}  // namespace alluvium

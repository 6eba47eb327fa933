#include "model/train/training_log.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

std::string joined(std::span<const std::string> fields) {
    std::string line;
    for (const std::string& field : fields) {
        if (&field != &fields.front()) line += ',';
        line += field;
    }
    return line + '\n';
}

std::string kept_rows(const std::filesystem::path& path, std::int64_t keep_steps) {
    std::string content;
    if (keep_steps == 0 || !std::filesystem::exists(path)) return content;
    std::istringstream old(read_file(path));
    for (std::string line; std::getline(old, line);) {
        const std::int64_t step = std::strtoll(line.c_str(), nullptr, 10);
        if (step >= 1 && step <= keep_steps) content += line + "\n";
    }
    return content;
}

}  // namespace

StepTable::StepTable(std::filesystem::path path, const std::vector<std::string>& columns,
                     std::int64_t keep_steps)
    : path_(std::move(path)) {
    write_file_atomically(path_, joined(columns) + kept_rows(path_, keep_steps));
    out_.open(path_, std::ios::app);
    if (!out_) throw UserError("cannot write '" + path_.string() + "'");
}

void StepTable::add(std::span<const std::string> fields) {
    out_ << joined(fields) << std::flush;
    if (!out_) throw RunError("cannot write '" + path_.string() + "': is the disk full?");
}

std::vector<std::string> step_columns() {
    return {"step",
            "tokens",
            "loss",
            "balance_loss",
            "gradient_norm",
            "learning_rate",
            "routing_entropy",
            "own_expert_share",
            "tokens_per_s"};
}

std::vector<std::string> step_fields(const StepReport& report) {
    std::string entropy, own;
    if (report.routing) {
        entropy = number_field(report.routing->entropy);
        if (report.routing->has_own) own = number_field(report.routing->own_share);
    }
    return {std::to_string(report.step),
            std::to_string(report.tokens),
            number_field(report.loss),
            number_field(report.balance),
            number_field(report.gradient_norm),
            number_field(report.learning_rate),
            entropy,
            own,
            number_field(static_cast<double>(report.step_tokens) / report.seconds)};
}

std::string number_field(std::optional<double> value) {
    if (!value) return "";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.9g", *value);
    return text.data();
}

}  // namespace alluvium

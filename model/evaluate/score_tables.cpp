#include "model/evaluate/score_tables.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>

#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr double kMissingValue = std::numeric_limits<double>::quiet_NaN();

// The languages that have units, and where each stands in the bootstrap.
class Strata {
  public:
    void add(const std::string& language, std::vector<RatioUnit> units) {
        if (units.empty()) return;
        const Language* known = LanguageTable::instance().find(language);
        all_.push_back(units_.size());
        if (known != nullptr) (known->major ? major_ : minor_).push_back(units_.size());
        place_[language] = units_.size();
        units_.push_back(std::move(units));
    }

    RatioBootstrap bootstrap(const BootstrapOptions& options) const { return {units_, options}; }

    // Nothing where the language has no units.
    std::optional<std::size_t> place(const std::string& language) const {
        const auto found = place_.find(language);
        return found == place_.end() ? std::nullopt : std::optional(found->second);
    }

    Averages averages(const RatioBootstrap& bootstrap) const {
        const auto mean = [&](const std::vector<std::size_t>& strata) -> std::optional<Average> {
            if (strata.empty()) return std::nullopt;
            return Average{bootstrap.mean(strata), bootstrap.mean_interval(strata), strata.size()};
        };
        return {mean(major_), mean(minor_), mean(all_)};
    }

  private:
    std::vector<std::vector<RatioUnit>> units_;
    std::vector<std::size_t> major_, minor_, all_;
    std::map<std::string, std::size_t> place_;
};

void add_baselines(const std::vector<Question>& questions, AccuracyTable& table) {
    std::map<std::size_t, std::size_t> right;
    std::size_t most = 0;
    for (const Question& question : questions) {
        table.guessing += 1.0 / static_cast<double>(question.options.size());
        most = std::max(most, ++right[question.answer]);
    }
    const auto count = static_cast<double>(questions.size());
    table.guessing /= count;
    table.most_frequent = static_cast<double>(most) / count;
}

LossRow loss_row(const TextLoss& loss) {
    return {.language = loss.language,
            .texts = loss.texts,
            .tokens = loss.tokens,
            .bytes = loss.bytes,
            .nats = loss.nats,
            .per_token = loss.nats / static_cast<double>(loss.tokens),
            .per_byte = kMissingValue,
            .interval = {kMissingValue, kMissingValue}};
}

}  // namespace

AccuracyTable accuracy_table(const QuestionSet& set,
                             std::span<const std::optional<std::size_t>> chosen,
                             const BootstrapOptions& options) {
    assert(chosen.size() == set.questions.size());
    std::map<std::string, AccuracyRow> rows;
    std::map<std::string, std::vector<RatioUnit>> units;
    for (std::size_t q = 0; q < chosen.size(); ++q) {
        const Question& question = set.questions[q];
        AccuracyRow& row = rows[question.language];
        const bool correct = chosen[q] == question.answer;
        ++row.questions;
        row.correct += correct ? 1 : 0;
        row.unanswered += chosen[q] ? 0 : 1;
        units[question.language].push_back({correct ? 1.0 : 0.0, 1.0});
    }
    for (const UnreadableRecord& record : set.unreadable) ++rows[record.language].invalid;

    AccuracyTable table;
    Strata strata;
    for (auto& [language, row] : rows) {
        row.language = language;
        row.accuracy = kMissingValue;
        row.interval = {kMissingValue, kMissingValue};
        if (row.questions > 0) {
            row.accuracy = static_cast<double>(row.correct) / static_cast<double>(row.questions);
            row.interval = wilson(row.correct, row.questions);
        }
        strata.add(language, units[language]);
        table.rows.push_back(row);
    }
    table.averages = strata.averages(strata.bootstrap(options));
    add_baselines(set.questions, table);
    return table;
}

LossTable loss_table(std::span<const TextLoss> losses, const BootstrapOptions& options) {
    LossTable table;
    Strata strata;
    for (const TextLoss& loss : losses) strata.add(loss.language, loss.units);
    const RatioBootstrap bootstrap = strata.bootstrap(options);
    for (const TextLoss& loss : losses) {
        LossRow& row = table.rows.emplace_back(loss_row(loss));
        const std::optional<std::size_t> place = strata.place(loss.language);
        if (!place) continue;
        row.per_byte = bootstrap.value(*place);
        row.interval = bootstrap.interval(*place);
    }
    table.averages = strata.averages(bootstrap);
    return table;
}

}  // namespace alluvium

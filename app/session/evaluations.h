#pragma once
// Evaluations as the workbench sees them: files with scores (captures/score_file.h), whoever wrote
// them. Those started here are programs of their own.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/session/jobs.h"
#include "captures/published.h"
#include "captures/score_file.h"

namespace alluvium {

// What a person chooses before an evaluation.
struct EvaluationPlan {
    std::string checkpoint;          // folder
    std::vector<std::string> files;  // what `kind` says
    enum class Kind { topics, texts, questions } kind = Kind::topics;
    bool published_protocol = false;  // of questions: as the published evaluation puts them
    bool by_letter = false;           // of questions: the option's letter, not its text
    bool language_given = false;      // lang-spec: the text's language chooses the expert
    int limit = 0;                    // the first so many records of each file; 0: all

    bool operator==(const EvaluationPlan&) const = default;
};

// The arguments of `alluvium` that carry the plan out and leave the scores in `output`.
std::vector<std::string> evaluate_arguments(const EvaluationPlan& plan,
                                            const std::filesystem::path& output);
// Empty where it can start; else what is missing, in words for a tooltip.
std::string why_not_evaluate(const EvaluationPlan& plan);

struct ScoreDocument {
    std::string id;    // path of the file
    std::string name;  // the checkpoint folder's name
    std::shared_ptr<const ScoreFile> scores;
    bool shown = true;
};

class Evaluations {
  public:
    // `folder`: where the scores of evaluations started here are kept.
    Evaluations(Jobs& jobs, std::filesystem::path program, std::filesystem::path folder)
        : jobs_(jobs), program_(std::move(program)), folder_(std::move(folder)) {}

    const std::vector<ScoreDocument>& documents() const { return documents_; }

    void start(const EvaluationPlan& plan);
    void open(const std::string& path);
    void show(const std::string& id, bool shown);
    void forget(const std::string& id);
    void forget_all() { documents_.clear(); }

    static constexpr const char* kTag = "evaluate";

  private:
    void add(const std::string& id, std::shared_ptr<const ScoreFile> scores);

    Jobs& jobs_;
    std::filesystem::path program_, folder_;
    std::vector<ScoreDocument> documents_;
};

}  // namespace alluvium

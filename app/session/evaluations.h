#pragma once
// Evaluations as the workbench sees them: files with scores (captures/score_file.h), whoever wrote
// them. Those started here are programs of their own.
#include <filesystem>
#include <string>
#include <vector>

#include "app/session/result_files.h"
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

using ScoreDocument = ResultDocument<ScoreFile>;

class Evaluations : public ResultFiles<ScoreFile> {
  public:
    // `folder`: where the scores of evaluations started here are kept.
    Evaluations(Jobs& jobs, std::filesystem::path program, std::filesystem::path folder);

    void start(const EvaluationPlan& plan);

    static constexpr const char* kTag = "evaluate";

  private:
    std::filesystem::path program_, folder_;
};

}  // namespace alluvium

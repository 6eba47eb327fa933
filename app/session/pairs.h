#pragma once
// Minimal pairs as the workbench sees them: texts are run by the model services, what comes of them
// is the result that `alluvium pairs` gives (docs/pairs.md).
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/figures/figure.h"
#include "analysis/pairs/pair_result.h"
#include "app/session/jobs.h"
#include "app/session/model_services.h"

namespace alluvium {

// What a person chooses before a pair is run.
struct PairPlan {
    enum class Kind { texts, languages } kind = Kind::texts;
    std::string checkpoint;  // folder
    PairTexts texts;
    std::string first = "en", second = "fr";  // of languages: those read and asked for
    std::string prompts;                      // likewise: a file of translated texts
};

// The arguments of `alluvium` that do the same and draw it to `output`.
std::vector<std::string> pairs_arguments(const PairPlan& plan, const std::string& output);
// Empty where it can start; else what is missing, in words for a tooltip.
std::string why_not_pair(const PairPlan& plan);

struct PairDocument {
    std::string id;  // path of the capture
    std::string name;
    PairPlan plan;
    std::shared_ptr<const PairResult> result;
};

struct PairPicture {
    double width = 0;  // points
    bool dark = false;
};

class Pairs {
  public:
    // `folder`: where the captures are kept. `text_meter` is called on the threads of the analysis
    // lane.
    Pairs(Jobs& jobs, ModelServices model, std::filesystem::path folder,
          std::function<TextMeter()> text_meter);

    const std::vector<PairDocument>& documents() const { return documents_; }
    // nullptr where there is none with this id.
    const PairDocument* document(const std::string& id) const;

    void start(const PairPlan& plan);
    void forget(const std::string& id);
    void forget_all() { documents_.clear(); }

    // The picture of a pair; while another one is drawn the last. nullptr: nothing yet.
    std::shared_ptr<const Figure> figure(const std::string& id, const PairPicture& picture);

    static constexpr const char* kTag = "pairs";

  private:
    Jobs& jobs_;
    ModelServices model_;
    std::filesystem::path folder_;
    std::function<TextMeter()> text_meter_;
    std::vector<PairDocument> documents_;
    std::shared_ptr<const Figure> figure_;
    std::string figure_key_;
};

}  // namespace alluvium

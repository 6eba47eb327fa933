#pragma once
// Analyses and pictures of what is open: made by jobs when first asked for, kept by the key of
// every input, dropped when an input has changed meanwhile.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/choice_scores.h"
#include "analysis/figures/figure.h"
#include "analysis/search/route_search.h"
#include "app/session/documents.h"
#include "app/session/figure_request.h"
#include "app/session/jobs.h"
#include "app/session/layer_experts.h"
#include "app/session/result_cache.h"
#include "app/session/token_strip.h"

namespace alluvium {

using AnalysisPtr = std::shared_ptr<const Analysis>;
using FigurePtr = std::shared_ptr<const Figure>;

template <typename Result>
struct Answer {
    std::shared_ptr<const Result> result;  // of other inputs where not `current`; may be null
    bool current = false;
    bool under_way = false;
    std::string key;  // for retry(), where neither current nor under way: it failed or was
                      // cancelled
};

class Results {
  public:
    // `text_meter` is called on the threads of the analysis lane; each job makes its own meter.
    // `index_folder`: where indexes of searches are kept.
    Results(Jobs& jobs, std::function<TextMeter()> text_meter, std::filesystem::path index_folder);

    // Asks for what is not there yet. Cheap to call in every frame.
    Answer<Analysis> analysis(const TraceDocument& document, const AnalysisOptions& options);
    // While a new picture is under way, the last one of the same panel is answered. `other`: see
    // build_figure().
    Answer<Figure> figure(const FigureRequest& request, const TraceDocument& document,
                          const TraceDocument* other = nullptr);

    Answer<TokenStrip> token_strip(const TraceDocument& document, std::size_t prompt,
                                   std::size_t routed);

    // What the routers' logits of one token became. Needs a trace with logits.
    Answer<std::vector<LayerChoice>> choice(const TraceDocument& document, TokenPos row);

    // `routed` is the index among the trace's routed layers.
    Answer<LayerExperts> layer_experts(const TraceDocument& document, std::size_t routed,
                                       const AnalysisOptions& options);

    // Which tokens took a route, counted by the groups of `by`. docs/slices.md has the words.
    Answer<RouteSearch> search(const TraceDocument& document, const std::string& query,
                               const std::string& by);

    // What a panel shows now; nullptr: nothing yet.
    FigurePtr shown(const std::string& panel) const;

    // A failed or cancelled job is not started again until retry().
    void job_ended(const JobEnd& end) { given_up_.insert(end.key); }
    void retry(const std::string& key) { given_up_.erase(key); }
    void forget(const TraceDocument& document);

  private:
    // The kept result of spec.key; else asks for it. `make` is called on the lane of analyses.
    template <typename Result, typename Make>
    Answer<Result> ask(ResultCache<Result>& cache, JobSpec spec, Make make);

    Jobs& jobs_;
    std::function<TextMeter()> text_meter_;
    std::filesystem::path index_folder_;
    ResultCache<Analysis> analyses_{16};
    ResultCache<Figure> figures_{48};
    ResultCache<TokenStrip> strips_{64};
    ResultCache<LayerExperts> layer_experts_{32};
    ResultCache<std::vector<LayerChoice>> choices_{64};
    ResultCache<RouteSearch> searches_{32};
    std::map<std::string, AnalysisPtr> last_analysis_;  // by trace id
    std::map<std::string, FigurePtr> last_figure_;      // by panel
    std::shared_ptr<const TokenStrip> last_strip_;
    std::set<std::string> given_up_;
};

std::string analysis_key(const TraceDocument& document, const AnalysisOptions& options);

}  // namespace alluvium

#include "app/session/results.h"

#include <utility>

namespace alluvium {
namespace {

constexpr std::size_t kSearchLines = 200;

std::string options_key(const AnalysisOptions& options) {
    std::string key = "by=" + options.by + " weighting=" + to_string(options.weighting) +
                      " special=" + std::to_string(options.include_special) +
                      " seed=" + std::to_string(options.seed) + " where=" + options.where;
    if (options.circuit) {
        key += " keep=" + to_string(options.circuit->keep) +
               " flow=" + to_string(options.circuit->flow);
    }
    return key;
}

std::string document_key(const TraceDocument& document) {
    return document.id + "#" + std::to_string(document.serial);
}

}  // namespace

std::string analysis_key(const TraceDocument& document, const AnalysisOptions& options) {
    return "analysis " + document_key(document) + " " + options_key(options);
}

Results::Results(Jobs& jobs, std::function<TextMeter()> text_meter,
                 std::filesystem::path index_folder)
    : jobs_(jobs), text_meter_(std::move(text_meter)), index_folder_(std::move(index_folder)) {}

Answer<Analysis> Results::analysis(const TraceDocument& document, const AnalysisOptions& options) {
    Answer<Analysis> answer;
    answer.key = analysis_key(document, options);
    if (AnalysisPtr found = analyses_.find(answer.key)) {
        answer.result = std::move(found);
        answer.current = true;
        return answer;
    }
    answer.result = last_analysis_[document.id];
    // Of a dense model there is nothing to analyse; views say so.
    if (document.trace->layers().empty() || given_up_.contains(answer.key)) return answer;
    answer.under_way = true;
    const Work work = [this, key = answer.key, id = document.id, trace = document.trace,
                       options](Progress& progress) -> Delivery {
        auto made = std::make_shared<const Analysis>(analyze(*trace, options, progress));
        return [this, key, id, made] {
            analyses_.put(key, made);
            last_analysis_[id] = made;
        };
    };
    jobs_.start({.tag = "analysis " + document.id,
                 .key = answer.key,
                 .title = "Analyse " + document.name,
                 .unit = "steps"},
                work);
    return answer;
}

Answer<Figure> Results::figure(const FigureRequest& request, const TraceDocument& document,
                               const TraceDocument* other) {
    Answer<Figure> answer;
    const Answer<Analysis> input = analysis(document, request.options);
    const Answer<Analysis> second =
        other == nullptr ? Answer<Analysis>{} : analysis(*other, request.options);
    answer.key = "figure " + request_key(request) + " of " + input.key + second.key;
    if (FigurePtr found = figures_.find(answer.key)) {
        answer.result = last_figure_[request.panel] = std::move(found);
        answer.current = true;
        return answer;
    }
    answer.result = last_figure_[request.panel];
    for (const Answer<Analysis>* needed : {&input, other == nullptr ? &input : &second}) {
        if (needed->current) continue;
        answer.under_way = needed->under_way;
        answer.key = needed->key;
        return answer;
    }
    if (given_up_.contains(answer.key)) return answer;
    answer.under_way = true;
    const Work work = [this, key = answer.key, request, analysis = input.result,
                       minus = second.result, meter = text_meter_](Progress&) -> Delivery {
        auto made =
            std::make_shared<const Figure>(build_figure(request, *analysis, minus.get(), meter()));
        return [this, key, made] { figures_.put(key, made); };
    };
    jobs_.start({.tag = "figure " + request.panel,
                 .key = answer.key,
                 .title = "Draw " + to_string(request.kind)},
                work);
    return answer;
}

FigurePtr Results::shown(const std::string& panel) const {
    const auto found = last_figure_.find(panel);
    return found == last_figure_.end() ? nullptr : found->second;
}

template <typename Result, typename Make>
Answer<Result> Results::ask(ResultCache<Result>& cache, JobSpec spec, Make make) {
    Answer<Result> answer;
    answer.key = spec.key;
    answer.result = cache.find(spec.key);
    answer.current = answer.result != nullptr;
    if (answer.current || given_up_.contains(spec.key)) return answer;
    answer.under_way = true;
    const Work work = [&cache, key = spec.key, make](Progress& progress) -> Delivery {
        auto made = std::make_shared<const Result>(make(progress));
        return [&cache, key, made] { cache.put(key, made); };
    };
    jobs_.start(std::move(spec), work);
    return answer;
}

Answer<TokenStrip> Results::token_strip(const TraceDocument& document, std::size_t prompt,
                                        std::size_t routed) {
    auto answer = ask(strips_,
                      {.tag = "tokens",
                       .key = "tokens of " + document_key(document) + " prompt " +
                              std::to_string(prompt) + " layer " + std::to_string(routed),
                       .title = "Read tokens"},
                      [trace = document.trace, prompt, routed](Progress&) {
                          return read_token_strip(*trace, prompt, routed);
                      });
    if (answer.current) last_strip_ = answer.result;
    answer.result = last_strip_;
    return answer;
}

Answer<std::vector<LayerChoice>> Results::choice(const TraceDocument& document, TokenPos row) {
    return ask(choices_,
               {.tag = "choice",
                .key = "choice of " + document_key(document) + " row " + std::to_string(row),
                .title = "Read the router's scores"},
               [trace = document.trace, row](Progress&) { return choice_scores(*trace, row); });
}

Answer<LayerExperts> Results::layer_experts(const TraceDocument& document, std::size_t routed,
                                            const AnalysisOptions& options) {
    return ask(layer_experts_,
               {.tag = "experts",
                .key = "experts of layer " + std::to_string(routed) + " of " +
                       analysis_key(document, options),
                .title = "Read the experts' tokens",
                .unit = "tokens"},
               [trace = document.trace, routed, options](Progress& progress) {
                   return read_layer_experts(*trace, routed, options, progress);
               });
}

Answer<RouteSearch> Results::search(const TraceDocument& document, const std::string& query,
                                    const std::string& by) {
    return ask(
        searches_,
        {.tag = "search",
         .key = "search " + document_key(document) + " by " + by + ": " + query,
         .title = "Search " + document.name,
         .unit = "tokens"},
        [trace = document.trace, query,
         options = SearchOptions{.by = by, .lines = kSearchLines, .index_folder = index_folder_}](
            Progress& progress) { return search_routes(*trace, query, options, progress); });
}

void Results::forget(const TraceDocument& document) {
    const auto of_document = [key = document_key(document)](const std::string& other) {
        return other.find(key) != std::string::npos;
    };
    analyses_.forget(of_document);
    figures_.forget(of_document);
    strips_.forget(of_document);
    searches_.forget(of_document);
    layer_experts_.forget(of_document);
    choices_.forget(of_document);
    last_analysis_.erase(document.id);
    last_figure_.clear();
    last_strip_.reset();
    std::erase_if(given_up_, of_document);
    jobs_.cancel_tag("analysis " + document.id);
}

}  // namespace alluvium

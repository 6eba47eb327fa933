#include "app/session/results.h"

#include <utility>

namespace alluvium {
namespace {

std::string options_key(const AnalysisOptions& options) {
    std::string key = "by=" + options.by + " weighting=" + to_string(options.weighting) +
                      " special=" + std::to_string(options.include_special) +
                      " seed=" + std::to_string(options.seed);
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

Results::Results(Jobs& jobs, std::function<TextMeter()> text_meter)
    : jobs_(jobs), text_meter_(std::move(text_meter)) {}

Answer<Analysis> Results::analysis(const TraceDocument& document, const AnalysisOptions& options) {
    Answer<Analysis> answer;
    answer.key = analysis_key(document, options);
    if (AnalysisPtr found = analyses_.find(answer.key)) {
        answer.result = std::move(found);
        answer.current = true;
        return answer;
    }
    answer.result = last_analysis_[document.id];
    if (given_up_.contains(answer.key)) return answer;
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

Answer<Figure> Results::figure(const FigureRequest& request, const TraceDocument& document) {
    Answer<Figure> answer;
    const Answer<Analysis> input = analysis(document, request.options);
    answer.key = "figure " + request_key(request) + " of " + input.key;
    if (FigurePtr found = figures_.find(answer.key)) {
        answer.result = std::move(found);
        answer.current = true;
        last_figure_[request.panel] = answer.result;
        return answer;
    }
    answer.result = last_figure_[request.panel];
    if (!input.current) {
        answer.under_way = input.under_way;
        answer.key = input.key;
        return answer;
    }
    if (given_up_.contains(answer.key)) return answer;
    answer.under_way = true;
    const Work work = [this, key = answer.key, request, analysis = input.result,
                       meter = text_meter_](Progress&) -> Delivery {
        auto made = std::make_shared<const Figure>(build_figure(request, *analysis, meter()));
        return [this, key, made] { figures_.put(key, made); };
    };
    jobs_.start({.tag = "figure " + request.panel,
                 .key = answer.key,
                 .title = "Draw " + to_string(request.kind)},
                work);
    return answer;
}

void Results::forget(const TraceDocument& document) {
    const auto of_document = [key = document_key(document)](const std::string& other) {
        return other.find(key) != std::string::npos;
    };
    analyses_.forget(of_document);
    figures_.forget(of_document);
    last_analysis_.erase(document.id);
    last_figure_.clear();
    std::erase_if(given_up_, of_document);
    jobs_.cancel_tag("analysis " + document.id);
}

}  // namespace alluvium

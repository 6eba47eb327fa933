#include "model/sweep/sweep_plan.h"

#include "base/error.h"

namespace alluvium {
namespace {

using Start = SweepRun::Start;

SweepRun dense_run() {
    return {.name = "dense", .start = Start::dense, .routing = "dense"};
}

SweepRun routed_run(int last, const std::string& routing) {
    const std::string layers = last < 0 ? "all" : "last-" + std::to_string(last);
    return {
        .name = layers + "-" + routing, .start = Start::routed, .last = last, .routing = routing};
}

SweepRun last_run(int last, const std::string& routing) {
    if (last < 0) throw UserError("--last " + std::to_string(last) + " is no number of layers");
    return last == 0 ? dense_run() : routed_run(last, routing);
}

SweepRun strategy_run(const std::string& strategy) {
    if (strategy == "dense") return dense_run();
    if (strategy == "same-active") {
        return {.name = strategy, .start = Start::same_active, .routing = "dense"};
    }
    if (strategy == "same-total") {
        return {.name = strategy, .start = Start::same_total, .routing = "dense"};
    }
    if (strategy == "top-k" || strategy == "hybrid-k" || strategy == "lang-spec") {
        return routed_run(-1, strategy);
    }
    throw UserError("--strategies: '" + strategy + "' is no strategy",
                    "dense, same-active, same-total, lang-spec, top-k or hybrid-k");
}

SweepRun texts_run(const std::string& words, const std::string& routing) {
    SweepRun run = routed_run(-1, routing);
    if (words == "all") return run;
    const std::size_t colon = words.find(':');
    const std::string kind = words.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : words.substr(colon + 1);
    if (kind == "only" && !value.empty()) {
        run.only_language = value;
    } else if (kind == "without" && !value.empty()) {
        run.without_domain = value;
    } else {
        throw UserError("--texts: '" + words + "' is no choice of texts",
                        "all, only:LANGUAGE or without:DOMAIN");
    }
    run.name += "-" + kind + "-" + value;
    return run;
}

}  // namespace

std::vector<SweepRow> plan_sweep(const SweepOptions& options) {
    std::vector<SweepRow> rows;
    for (const int last : options.last) {
        rows.push_back({"last", std::to_string(last), last_run(last, options.routing)});
    }
    for (const std::string& strategy : options.strategies) {
        rows.push_back({"routing", strategy, strategy_run(strategy)});
    }
    for (const std::string& words : options.texts) {
        rows.push_back({"texts", words, texts_run(words, options.routing)});
    }
    if (rows.empty()) {
        throw UserError("nothing to sweep over",
                        "for instance --last 0,1,2,3,4 or --strategies dense,top-k,hybrid-k");
    }
    return rows;
}

}  // namespace alluvium

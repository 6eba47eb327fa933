#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "analysis/number_text.h"
#include "analysis/search/route_search_json.h"
#include "app/commands/command.h"
#include "app/session/user_folders.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct Options {
    std::string trace, query;
    SearchOptions search;
    bool keep_index = true;
    JsonOption json;
};

// Where indexes are kept; nowhere for a user without a home.
std::filesystem::path index_folder() {
    try {
        return default_cache_folder() / "routes";
    } catch (const UserError&) {
        return {};
    }
}

std::string number(double value) {
    std::array<char, 32> text{};
    if (!std::isfinite(value)) return "      -";
    std::snprintf(text.data(), text.size(), "%7.2f", value);
    return text.data();
}

void print_groups(const RouteSearch& search) {
    std::size_t width = search.by.size();
    for (const SearchGroup& group : search.groups) width = std::max(width, group.label.size());
    const auto name = [&](const std::string& text) {
        return text + std::string(width - std::min(width, text.size()), ' ');
    };
    std::cout << '\n' << name(search.by) << "       hits     tokens  percent     lift  interval\n";
    for (const SearchGroup& group : search.groups) {
        const GroupLift& c = group.count;
        std::array<char, 160> text{};
        std::snprintf(text.data(), text.size(), " %10llu %10llu  %s  %s  [%s, %s]\n",
                      static_cast<unsigned long long>(c.hits),
                      static_cast<unsigned long long>(c.tokens), number(100 * c.rate).c_str(),
                      number(c.lift.value).c_str(), number(c.lift.low).c_str(),
                      number(c.lift.high).c_str());
        std::cout << name(group.label) << text.data();
    }
}

// Each line is an isolate, so that text written from right to left stays in order around the
// brackets wherever the terminal knows directions.
void print_lines(const RouteSearch& search) {
    if (search.lines.empty()) return;
    std::cout << '\n';
    for (const SearchLine& line : search.lines) {
        const std::string token =
            line.text.token.empty() ? "#" + std::to_string(line.token_id) : line.text.token;
        std::cout << line.label << "  " << line.prompt << '@' << line.position << "  \u2068"
                  << line.text.left << '[' << token << ']' << line.text.right << "\u2069\n";
    }
}

void print(const RouteSearch& search) {
    std::cout << search.query << ": " << thousands_text(search.hits) << " of "
              << thousands_text(search.tokens) << " tokens; among all "
              << thousands_text(search.base_tokens) << " tokens the route is taken by "
              << thousands_text(search.base_hits) << " (" << fixed_text(100 * search.base_rate)
              << " %, lift 1)\n";
    print_groups(search);
    print_lines(search);
    std::cout << std::flush;
    if (!search.no_interval.empty()) note("no intervals: " + search.no_interval);
    if (!search.index_note.empty()) note("note: the index is not kept: " + search.index_note);
}

void run(Options& options) {
    const TracePtr trace = open_trace(options.trace);
    if (options.keep_index && options.search.index_folder.empty()) {
        options.search.index_folder = index_folder();
    }
    RouteSearch search;
    {
        Progress progress;
        const ProgressLine line(progress, "indexing", "tokens");
        search = search_routes(*trace, options.query, options.search, progress);
    }
    options.json.write(route_search_json(search));
    if (!options.json.to_stdout()) print(search);
}

}  // namespace

void add_search(CLI::App& program) {
    auto* command = program.add_subcommand(
        "search", "Which tokens took a route: counts by language, and the tokens in their texts");
    const auto options = std::make_shared<Options>();
    command->add_option("TRACE", options->trace, "Trace file (.h5)")->required();
    command
        ->add_option("QUERY", options->query,
                     "Experts by layer, and which tokens are meant (docs/slices.md)")
        ->required();
    command->add_option("--by", options->search.by, "Count by language, family, ... as in analyze")
        ->capture_default_str();
    command->add_option("--lines", options->search.lines, "Hits to show in their texts")
        ->capture_default_str();
    command->add_option("--width", options->search.width, "Characters on each side of a hit")
        ->capture_default_str();
    command->add_option("--index", options->search.index_folder,
                        "Folder of the index (default: the user's cache folder)");
    command->add_flag("--keep-index,!--no-index", options->keep_index,
                      "Keep what was indexed for the next search (on unless --no-index)");
    options->json.add_to(*command);
    set_examples(
        *command,
        "  alluvium search apollo.h5 'L22:E3 then L23:E7'\n"
        "  alluvium search apollo.h5 'L22:E3 then L23:E7 and language=fr and margin>0.5'\n"
        "  alluvium search apollo.h5 'L22:E3|E4 and not L23:E7 and class=word' --lines 50\n"
        "  alluvium search apollo.h5 'L22:E3 and domain=medical' --by family --json hits.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium

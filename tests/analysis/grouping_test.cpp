#include "analysis/grouping.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Labels = std::vector<std::string>;
using Rows = std::vector<std::int32_t>;

namespace {

TraceHeader header_of(const Labels& languages) {
    TraceHeader header;
    PromptTable& table = header.prompts;
    table.language = languages;
    for (std::size_t p = 0; p < languages.size(); ++p) {
        table.id.push_back("p" + std::to_string(languages.size() - p));
        table.domain.push_back(p % 2 == 0 ? "medical" : "");
        table.extra["dialect"].push_back(p == 0 ? "north" : "south");
    }
    return header;
}

}  // namespace

TEST_CASE("Groups are sorted by label, whatever order the prompts come in") {
    const Grouping grouping = group_rows(header_of({"fr", "ar", "fr", "", "zh"}), "language");
    CHECK(grouping.labels == Labels{"ar", "fr", "zh"});
    CHECK(grouping.of_row == Rows{1, 0, 1, kUnlabelled, 2});
}

TEST_CASE("Families, branches and scripts come from the table of languages") {
    const TraceHeader header = header_of({"fr", "de", "ar", "no-such-language"});
    CHECK(group_rows(header, "family").labels == Labels{"Afro-Asiatic", "Indo-European"});
    CHECK(group_rows(header, "branch").labels == Labels{"Germanic", "Romance", "Semitic"});
    CHECK(group_rows(header, "script").of_row == Rows{1, 1, 0, kUnlabelled});
}

TEST_CASE("Prompts group by domain and by any further column, and by themselves in file order") {
    const TraceHeader header = header_of({"fr", "ar", "zh"});
    CHECK(group_rows(header, "domain").of_row == Rows{0, kUnlabelled, 0});
    CHECK(group_rows(header, "dialect").labels == Labels{"north", "south"});
    CHECK(group_rows(header, "prompt").labels == Labels{"p3", "p2", "p1"});
}

TEST_CASE("An unknown column is refused with those there are") {
    CHECK_THROWS_MATCHES(group_rows(header_of({"fr"}), "accent"), UserError,
                         MessageMatches(ContainsSubstring("'accent'")));
    try {
        group_rows(header_of({"fr"}), "accent");
    } catch (const UserError& e) {
        CHECK_THAT(e.hint(), ContainsSubstring("dialect"));
    }
}

TEST_CASE("A column without a single label is refused") {
    CHECK_THROWS_MATCHES(group_rows(header_of({"", ""}), "language"), UserError,
                         MessageMatches(ContainsSubstring("no prompt")));
}

TEST_CASE("Aggregates group by their labels as languages and by nothing that needs prompts") {
    TraceHeader header;
    header.kind = TraceKind::counts;
    header.groups.label = {"zh", "en", "sw"};
    CHECK(group_rows(header, "language").of_row == Rows{2, 0, 1});
    CHECK(group_rows(header, "script").labels.size() == 2);
    CHECK_THROWS_AS(group_rows(header, "domain"), UserError);
}

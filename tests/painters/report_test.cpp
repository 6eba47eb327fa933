// Reports as one HTML page.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/figures/page.h"
#include "app/painters/cairo_painter.h"
#include "app/painters/report_html.h"
#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

Report sample() {
    Page page("sample", 200, light_theme(), pango_meter());
    page.heading("Of a & b", "");
    return {"A < B",
            {ReportParagraph{"said \"so\""}, ReportHeading{"Numbers"},
             ReportTable{{"n", "v"}, {{"x<y", "1"}}}, ReportList{{"first", "second"}},
             ReportPicture{std::move(page).finish(60), "what it shows"}}};
}

}  // namespace

TEST_CASE("a report is one page with its pictures inside and nothing from elsewhere") {
    const std::string page = report_html(sample());
    CHECK(page.starts_with("<!doctype html>"));
    CHECK_THAT(page, ContainsSubstring("<h1>A &lt; B</h1>"));
    CHECK_THAT(page, ContainsSubstring("<p>said &quot;so&quot;</p>"));
    CHECK_THAT(page, ContainsSubstring("<tr><th>n</th><th>v</th></tr>"));
    CHECK_THAT(page, ContainsSubstring("<tr><td>x&lt;y</td><td>1</td></tr>"));
    CHECK_THAT(page, ContainsSubstring("<li>second</li>"));
    CHECK_THAT(page, ContainsSubstring("<img src=\"data:image/svg+xml,%3C"));
    CHECK_THAT(page, ContainsSubstring("alt=\"Of a &amp; b\""));
    for (const char* outside : {"src=\"http", "href=\"http", "<link", "<script", "@import"}) {
        CHECK(page.find(outside) == std::string::npos);
    }
}

TEST_CASE("a report's ending decides how it is written, and others are refused") {
    const test::TemporaryFolder folder;
    save_report(sample(), folder / "r.html");
    save_report(sample(), folder / "r.md");
    CHECK(read_file(folder / "r.html") == report_html(sample()));
    CHECK(read_file(folder / "r.md") == report_markdown(sample()));
    CHECK_THROWS_AS(check_report_path(folder / "r.docx"), UserError);
}

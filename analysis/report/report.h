#pragma once
// A result as one document that can be handed on: headings, sentences, tables and pictures, in
// Markdown here and in HTML where pictures can be drawn (app/painters/report_html.h).
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium {

struct ReportHeading {
    std::string text;
};
struct ReportParagraph {
    std::string text;
};
struct ReportList {
    std::vector<std::string> items;
};
struct ReportTable {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;  // each as wide as the head
};
// Every picture says in words what it shows; its numbers are in a table beside it.
struct ReportPicture {
    Figure figure;
    std::string words;
};
using ReportBlock =
    std::variant<ReportHeading, ReportParagraph, ReportList, ReportTable, ReportPicture>;

struct Report {
    std::string title;
    std::vector<ReportBlock> blocks;
};

// CommonMark with pipe tables. Of pictures it has the words: a Markdown file cannot carry them.
std::string report_markdown(const Report& report);

}  // namespace alluvium

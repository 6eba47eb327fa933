#include "analysis/report/report.h"

namespace alluvium {
namespace {

// What would be read as markup or end a cell.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n') {
            result += ' ';
            continue;
        }
        if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) result += '\\';
        result += c;
    }
    return result;
}

std::string row(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) line += " " + escaped(cell) + " |";
    return line + "\n";
}

struct Writer {
    std::string operator()(const ReportHeading& heading) const {
        return "## " + escaped(heading.text) + "\n";
    }
    std::string operator()(const ReportParagraph& paragraph) const {
        return escaped(paragraph.text) + "\n";
    }
    std::string operator()(const ReportList& list) const {
        std::string text;
        for (const std::string& item : list.items) text += "- " + escaped(item) + "\n";
        return text;
    }
    std::string operator()(const ReportTable& table) const {
        std::string text = row(table.head) + "|";
        for (std::size_t c = 0; c < table.head.size(); ++c) text += "---|";
        text += "\n";
        for (const auto& cells : table.rows) text += row(cells);
        return text;
    }
    std::string operator()(const ReportPicture& picture) const {
        return "Picture (in the HTML report): " + escaped(picture.words) + "\n";
    }
};

}  // namespace

std::string report_markdown(const Report& report) {
    std::string text = "# " + escaped(report.title) + "\n";
    for (const ReportBlock& block : report.blocks) text += "\n" + std::visit(Writer(), block);
    return text;
}

}  // namespace alluvium

#include "app/painters/report_html.h"

#include "app/painters/cairo_painter.h"
#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

// Pictures keep the paper they were drawn on; the page follows the reader's system.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a2233; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0;
  border-bottom: 1px solid #d5dae3; }
th { font-weight: 600; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; height: auto; }
figcaption { font-size: 0.9rem; color: #5b6577; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e9ef; background: #12151c; } th, td { border-color: #333a48; }
  figcaption { color: #9aa4b5; } }
)";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string element(std::string_view name, std::string_view text) {
    const std::string tag(name);
    return "<" + tag + ">" + escaped(text) + "</" + tag + ">";
}

std::string row(std::string_view cell, const std::vector<std::string>& cells) {
    std::string text = "<tr>";
    for (const std::string& content : cells) text += element(cell, content);
    return text + "</tr>\n";
}

// As an image of its own inside the page: ids of several pictures never meet.
std::string embedded(const Figure& figure) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string uri = "data:image/svg+xml,";
    for (const char c : figure_svg(figure)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f &&
            std::string_view("%#<>\"'&").find(c) == std::string::npos) {
            uri += c;
        } else {
            uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return uri;
}

struct Writer {
    std::string operator()(const ReportHeading& heading) const {
        return element("h2", heading.text);
    }
    std::string operator()(const ReportParagraph& paragraph) const {
        return element("p", paragraph.text);
    }
    std::string operator()(const ReportList& list) const {
        std::string text = "<ul>\n";
        for (const std::string& item : list.items) text += element("li", item) + "\n";
        return text + "</ul>";
    }
    std::string operator()(const ReportTable& table) const {
        std::string text = "<div class=\"wide\"><table>\n" + row("th", table.head);
        for (const auto& cells : table.rows) text += row("td", cells);
        return text + "</table></div>";
    }
    std::string operator()(const ReportPicture& picture) const {
        return "<figure>\n<img src=\"" + embedded(picture.figure) + "\" alt=\"" +
               escaped(picture.figure.title) + "\">\n" + element("figcaption", picture.words) +
               "</figure>";
    }
};

}  // namespace

std::string report_html(const Report& report) {
    std::string page =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n" +
        element("title", report.title) + "\n<style>";
    page += kStyle;
    page += "</style>\n</head>\n<body>\n" + element("h1", report.title) + "\n";
    for (const ReportBlock& block : report.blocks) page += std::visit(Writer(), block) + "\n";
    return page + "</body>\n</html>\n";
}

void check_report_path(const std::filesystem::path& path) {
    if (path.extension() == ".html" || path.extension() == ".md") return;
    throw UserError("'" + path.string() + "': a report is html or md",
                    "name the file, for instance, report.html");
}

void save_report(const Report& report, const std::filesystem::path& path) {
    check_report_path(path);
    write_file_atomically(
        path, path.extension() == ".md" ? report_markdown(report) : report_html(report));
}

}  // namespace alluvium

#include <algorithm>
#include <set>
#include <span>

#include "base/error.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

std::string unescape_field(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const char next = field[i] == '\\' && i + 1 < field.size() ? field[i + 1] : '\0';
        switch (next) {
            case 't':
                text += '\t';
                break;
            case 'n':
                text += '\n';
                break;
            case 'r':
                text += '\r';
                break;
            case '\\':
                text += '\\';
                break;
            default:
                text += field[i];
                continue;
        }
        ++i;
    }
    return text;
}

std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

std::vector<std::string> read_header(const TextLines& file) {
    if (file.lines().empty()) throw UserError("'" + file.path() + "' is empty");
    const TextLine& first = file.lines().front();
    const std::vector<std::string> columns = split_row(first.text);
    std::set<std::string> seen;
    for (const std::string& column : columns) {
        if (column.empty()) file.fail(first, "a column has no name");
        if (!seen.insert(column).second) file.fail(first, "two columns are named '" + column + "'");
    }
    if (!seen.contains("text")) {
        file.fail(first, "no column 'text'; the columns are " + join(columns),
                  "the first row names the columns, separated by tabs: text, language and, if "
                  "wanted, id, group, domain");
    }
    return columns;
}

void set_column(Prompt& prompt, const std::string& column, std::string value) {
    if (column == "text") {
        prompt.text = std::move(value);
    } else if (column == "language") {
        prompt.language = std::move(value);
    } else if (column == "id") {
        prompt.id = std::move(value);
    } else if (column == "group") {
        prompt.group = std::move(value);
    } else if (column == "domain") {
        prompt.domain = std::move(value);
    } else {
        prompt.extra[column] = std::move(value);
    }
}

}  // namespace

std::vector<std::string> split_row(std::string_view row) {
    std::vector<std::string> fields;
    for (std::size_t begin = 0; begin <= row.size();) {
        const std::size_t end = std::min(row.find('\t', begin), row.size());
        fields.push_back(unescape_field(row.substr(begin, end - begin)));
        begin = end + 1;
    }
    return fields;
}

std::string escape_field(const std::string& text) {
    std::string field;
    for (const char c : text) {
        switch (c) {
            case '\t':
                field += "\\t";
                break;
            case '\n':
                field += "\\n";
                break;
            case '\r':
                field += "\\r";
                break;
            case '\\':
                field += "\\\\";
                break;
            default:
                field += c;
        }
    }
    return field;
}

std::vector<NumberedPrompt> read_tsv_prompts(const std::string& path) {
    const TextLines file(path);
    const std::vector<std::string> columns = read_header(file);
    std::vector<NumberedPrompt> prompts;
    for (const TextLine& line : std::span(file.lines()).subspan(1)) {
        if (line.text.empty()) continue;
        std::vector<std::string> fields = split_row(line.text);
        if (fields.size() != columns.size()) {
            file.fail(line,
                      std::to_string(fields.size()) + " columns, expected " +
                          std::to_string(columns.size()) + " as in the first row",
                      "write tabs and line ends inside a text as \\t and \\n");
        }
        Prompt prompt;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            set_column(prompt, columns[i], std::move(fields[i]));
        }
        if (prompt.text.empty()) file.fail(line, "no text");
        prompts.push_back({line.number, std::move(prompt)});
    }
    return prompts;
}

}  // namespace alluvium

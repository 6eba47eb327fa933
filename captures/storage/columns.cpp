#include "captures/storage/columns.h"

#include <numeric>

#include "base/error.h"
#include "captures/generated_text.h"
#include "captures/hdf5/strings.h"
#include "captures/storage/schema.h"

namespace alluvium {
namespace {

using hdf5::Handle;

class PromptReader {
  public:
    PromptReader(const Handle& file, const std::string& path, std::size_t rows)
        : file_(file), path_(path), rows_(rows) {}

    std::vector<std::string> texts(const std::string& name) const {
        const std::string dataset = "prompts/" + name;
        if (!hdf5::exists(file_, dataset)) return std::vector<std::string>(rows_);
        return checked(dataset, hdf5::read_strings(file_, dataset));
    }

    template <typename T>
    std::vector<T> numbers(const std::string& name, T otherwise) const {
        const std::string dataset = "prompts/" + name;
        auto column = read_column<T>(file_, dataset);
        if (!column) return std::vector<T>(rows_, otherwise);
        return checked(dataset, std::move(*column));
    }

  private:
    template <typename T>
    std::vector<T> checked(const std::string& dataset, std::vector<T> column) const {
        if (column.size() != rows_) {
            throw UserError("'" + path_ + "': '" + dataset + "' has " +
                            std::to_string(column.size()) + " rows, expected " +
                            std::to_string(rows_) + " as in 'prompts/token_count'");
        }
        return column;
    }

    const Handle& file_;
    const std::string& path_;
    std::size_t rows_;
};

std::vector<TokenPos> running_sum(const std::vector<std::uint32_t>& counts) {
    std::vector<TokenPos> first(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), first.begin(), TokenPos{0});
    return first;
}

void name_unnamed(std::vector<std::string>& ids) {
    for (std::size_t p = 0; p < ids.size(); ++p) {
        if (ids[p].empty()) ids[p] = std::to_string(p);
    }
}

}  // namespace

PromptTable read_prompts(const Handle& file, const std::string& path) {
    const auto counts = read_column<std::uint32_t>(file, "prompts/token_count");
    if (!counts) throw UserError("'" + path + "' has no dataset 'prompts/token_count'");
    const PromptReader reader(file, path, counts->size());
    PromptTable prompts;
    prompts.id = reader.texts("id");
    prompts.text = reader.texts("text");
    prompts.language = reader.texts("language");
    prompts.group = reader.texts("group");
    prompts.domain = reader.texts("domain");
    prompts.token_count = *counts;
    prompts.truncated = reader.numbers<std::uint8_t>("truncated", 0);
    prompts.done = reader.numbers<std::uint8_t>("done", 1);
    prompts.first_token = hdf5::exists(file, "prompts/first_token")
                              ? reader.numbers<TokenPos>("first_token", 0)
                              : running_sum(*counts);
    name_unnamed(prompts.id);
    if (hdf5::exists(file, "prompts/extra")) {
        for (const std::string& link : hdf5::children(hdf5::open_group(file, "prompts/extra"))) {
            prompts.extra[schema::decode_column(link)] = reader.texts("extra/" + link);
        }
    }
    if (hdf5::exists(file, "prompts/generated")) {
        std::vector<std::string>& generated = prompts.extra[kGeneratedColumn];
        generated = reader.texts("generated");
        for (std::size_t p = 0; p < generated.size(); ++p) {
            if (prompts.done[p] == 0) generated[p].clear();
        }
    }
    return prompts;
}

}  // namespace alluvium

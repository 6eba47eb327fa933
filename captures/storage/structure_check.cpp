#include "captures/storage/structure_check.h"

#include <algorithm>

#include "base/error.h"

namespace alluvium {
namespace {

using hdf5::NumberArray;
using hdf5::Shape;

std::string to_text(const Shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

class StructureCheck {
  public:
    StructureCheck(FileContents& contents, const std::string& path)
        : contents_(contents), path_(path) {}

    void run() {
        if (contents_.header.kind == TraceKind::counts) {
            check_counts();
        } else {
            check_tokens();
        }
        for (std::size_t i = 0; i < contents_.layers.size(); ++i) check_layer(i);
    }

  private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw UserError("'" + path_ + "': " + what,
                        "the file is damaged or was written by a faulty program");
    }

    void expect_shape(const OptionalArray& array, const Shape& expected) const {
        if (!array || array->shape == expected) return;
        refuse("'" + array->path + "' has shape " + to_text(array->shape) + ", expected " +
               to_text(expected));
    }

    void check_tokens() {
        TraceHeader& header = contents_.header;
        const TokenArrays& tokens = contents_.tokens;
        if (!tokens.id) refuse("no dataset 'tokens/id'");
        if (tokens.id->shape.size() != 1) refuse("'tokens/id' is no column");
        header.token_count = tokens.id->shape[0];
        const Shape rows{header.token_count};
        for (const OptionalArray* column : {&tokens.prompt, &tokens.position, &tokens.byte_begin,
                                            &tokens.byte_end, &tokens.phase, &tokens.special}) {
            expect_shape(*column, rows);
        }
        expect_shape(contents_.nll, rows);
        expect_shape(contents_.output_logit,
                     {header.token_count, static_cast<std::uint64_t>(header.model.vocab_size)});
        const auto hidden_size = static_cast<std::uint64_t>(header.model.hidden_size);
        for (const auto& [layer, array] : contents_.hidden) {
            expect_shape(array, {header.token_count, hidden_size});
        }
        for (const auto& [layer, array] : contents_.stream_means) {
            expect_shape(array, {header.prompts.size(), hidden_size});
        }
        check_prompt_ranges();
    }

    void check_prompt_ranges() {
        TraceHeader& header = contents_.header;
        PromptTable& prompts = header.prompts;
        std::uint64_t outside = 0;
        for (std::size_t p = 0; p < prompts.size(); ++p) {
            const bool inside =
                prompts.first_token[p] <= header.token_count &&
                prompts.token_count[p] <= header.token_count - prompts.first_token[p];
            if (inside) continue;
            prompts.first_token[p] = 0;
            prompts.token_count[p] = 0;
            prompts.done[p] = 0;
            ++outside;
        }
        if (outside > 0) {
            header.warnings.push_back(std::to_string(outside) +
                                      " prompts claim tokens that are not in the file; they are "
                                      "taken as missing");
        }
        const auto done = prompts.size() - static_cast<std::size_t>(
                                               std::ranges::count(prompts.done, std::uint8_t{0}));
        if (done + outside == prompts.size()) return;
        header.warnings.push_back("only " + std::to_string(done) + " of " +
                                  std::to_string(prompts.size()) +
                                  " prompts are done, the rest is missing; `alluvium capture` with "
                                  "--resume goes on from there");
    }

    void check_counts() const {
        const CountGroups& groups = contents_.header.groups;
        if (groups.tokens.size() != groups.label.size()) {
            refuse("'groups/tokens' has " + std::to_string(groups.tokens.size()) +
                   " rows, expected " + std::to_string(groups.label.size()));
        }
    }

    void check_layer(std::size_t routed) const {
        const RoutedLayerInfo& info = contents_.header.layers[routed];
        const LayerArrays& arrays = contents_.layers[routed];
        const std::string name = "layer " + std::to_string(info.layer);
        if (info.experts == 0 || info.experts >= kMissingExpert) {
            refuse(name + " says that it has " + std::to_string(info.experts) + " experts");
        }
        if (info.top_k > info.experts) {
            refuse(name + " says that it chooses " + std::to_string(info.top_k) + " of " +
                   std::to_string(info.experts) + " experts");
        }
        const std::uint64_t rows = contents_.header.token_count;
        const Shape counts{contents_.header.groups.label.size(), info.experts};
        if (contents_.header.kind == TraceKind::counts && !arrays.count) {
            refuse(name + " has no dataset 'count'");
        }
        expect_shape(arrays.expert, {rows, info.top_k});
        expect_shape(arrays.weight, {rows, info.top_k});
        expect_shape(arrays.logit, {rows, info.experts});
        expect_shape(arrays.margin, {rows});
        expect_shape(arrays.random_expert, {info.random_routers, rows, info.top_k});
        expect_shape(arrays.count, counts);
        expect_shape(arrays.weight_sum, counts);
    }

    FileContents& contents_;
    const std::string& path_;
};

}  // namespace

void check_structure(FileContents& contents, const std::string& path, std::uint64_t file_bytes) {
    for (const NumberArray* array : contents.arrays()) {
        if (!array->offset) continue;
        if (*array->offset > file_bytes || array->bytes() > file_bytes - *array->offset) {
            throw UserError(
                "'" + path + "' is truncated: '" + array->path + "' ends after the end of the file",
                "copy or capture the file again");
        }
    }
    StructureCheck(contents, path).run();
}

}  // namespace alluvium

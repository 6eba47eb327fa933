#include "captures/generated_text.h"
#include "captures/validation/checks.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kNoToken = 0xffffffff;

bool splits_character(const std::string& text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

class TokenChecks {
  public:
    TokenChecks(const TraceFile& file, const RowStates& rows)
        : file_(file), rows_(rows), header_(file.contents().header) {}

    void run(TraceReport& report) {
        const PromptTable& prompts = header_.prompts;
        for (std::size_t p = 0; p < prompts.size(); ++p) {
            if (prompts.done[p] != 0) check_prompt(p);
        }
        for (const ProblemCounts* problems :
             {&ids_, &prompt_, &position_, &offsets_, &phase_, &special_}) {
            problems->report(report);
        }
    }

  private:
    template <typename T>
    std::vector<T> column(const OptionalArray& array, TokenRange range) const {
        return array ? file_.read_column<T>(*array, range) : std::vector<T>();
    }

    void check_prompt(std::size_t p) {
        const TokenPos begin = header_.prompts.first_token[p];
        const TokenRange range{begin, begin + header_.prompts.token_count[p]};
        const TokenArrays& arrays = file_.contents().tokens;
        const auto prompt = column<std::uint32_t>(arrays.prompt, range);
        const auto position = column<std::uint32_t>(arrays.position, range);
        for (std::size_t i = 0; i < range.size(); ++i) {
            if (!prompt.empty() && prompt[i] != p) prompt_.add("the wrong prompt", begin + i);
            if (!position.empty() && position[i] != i) {
                position_.add("the wrong position", begin + i);
            }
        }
        check_ids(range);
        check_kinds(range);
        check_offsets(range, header_.prompts.text[p].size(), whole_text(header_.prompts, p));
    }

    void check_ids(TokenRange range) {
        const auto ids = column<std::uint32_t>(file_.contents().tokens.id, range);
        const auto vocabulary = static_cast<std::uint64_t>(header_.model.vocab_size);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const TokenPos row = range.begin + i;
            if (!rows_.is_used(row)) {
                if (ids[i] != kNoToken) ids_.add("an id although the row is reserved", row);
            } else if (vocabulary > 0 && ids[i] >= vocabulary) {
                ids_.add("ids outside the vocabulary of " + std::to_string(vocabulary), row);
            }
        }
    }

    void check_kinds(TokenRange range) {
        const auto special = column<std::uint8_t>(file_.contents().tokens.special, range);
        for (std::size_t i = 0; i < range.size(); ++i) {
            const TokenPos row = range.begin + i;
            const std::uint8_t phase = rows_.phase(row);
            if (phase > kPhaseGenerated && phase != kPhaseUnused) {
                phase_.add("a phase that is neither 0, 1 nor 255", row);
            }
            if (!special.empty() && special[i] > 1) {
                special_.add("a flag that is neither 0 nor 1", row);
            }
        }
    }

    void check_offsets(TokenRange range, std::size_t prompt, const std::string& text) {
        const TokenArrays& arrays = file_.contents().tokens;
        const auto begin = column<std::uint32_t>(arrays.byte_begin, range);
        const auto end = column<std::uint32_t>(arrays.byte_end, range);
        for (std::size_t i = 0; i < begin.size() && i < end.size(); ++i) {
            const TokenPos row = range.begin + i;
            const bool generated = rows_.phase(row) == kPhaseGenerated;
            if (!rows_.is_used(row) || (!generated && rows_.phase(row) != kPhasePrompt)) continue;
            // Of tokens whose text is not known.
            if (generated && begin[i] == end[i]) continue;
            const bool outside =
                generated ? begin[i] < prompt || end[i] > text.size() : end[i] > prompt;
            if (begin[i] > end[i] || outside) {
                offsets_.add("offsets outside the prompt's text", row);
            } else if (splits_character(text, begin[i]) || splits_character(text, end[i])) {
                offsets_.add("offsets inside a character", row);
            }
        }
    }

    const TraceFile& file_;
    const RowStates& rows_;
    const TraceHeader& header_;
    ProblemCounts ids_{"tokens/id"}, prompt_{"tokens/prompt"}, position_{"tokens/position"},
        offsets_{"tokens/byte_begin"}, phase_{"tokens/phase"}, special_{"tokens/special"};
};

}  // namespace

void check_tokens(const TraceFile& file, const RowStates& rows, TraceReport& report) {
    TokenChecks(file, rows).run(report);
}

}  // namespace alluvium

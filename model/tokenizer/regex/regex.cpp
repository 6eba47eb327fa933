#include "model/tokenizer/regex/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <array>

#include <pcre2.h>

#include "base/error.h"
#include "base/utf8.h"
#include "model/tokenizer/regex/oniguruma.h"

namespace alluvium {
namespace {

// The machine stack that compiled code uses by default is 32 KiB; nested repetitions over long
// texts need more.
constexpr std::size_t kFirstStack = 64 * 1024;
constexpr std::size_t kLargestStack = 16 * 1024 * 1024;

PCRE2_SPTR units(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

std::string message_of(int error) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Regex::Code {
    pcre2_code* code = nullptr;
    bool compiled = false;  // to machine code
    std::string shown;

    Code() = default;
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

struct Regex::Matcher::State {
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
    pcre2_match_context* context = nullptr;
    pcre2_jit_stack* stack = nullptr;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
        pcre2_jit_stack_free(stack);
    }
    void grow_stack() {
        context = pcre2_match_context_create(nullptr);
        stack = pcre2_jit_stack_create(kFirstStack, kLargestStack, nullptr);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
};

Regex Regex::from_oniguruma(std::string_view pattern) {
    return compile(pcre2_from_oniguruma(pattern), PCRE2_UCP | PCRE2_MULTILINE, pattern);
}

Regex Regex::literal(std::string_view text) {
    return compile(text, PCRE2_LITERAL, text);
}

Regex Regex::compile(std::string_view pattern, std::uint32_t options, std::string_view shown) {
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
    int error = 0;
    std::size_t error_at = 0;
    auto code = std::make_shared<Code>();
    code->code = pcre2_compile(units(pattern), pattern.size(), options | PCRE2_UTF, &error,
                               &error_at, context);
    pcre2_compile_context_free(context);
    if (code->code == nullptr) {
        throw UserError("the regular expression '" + std::string(shown) +
                            "' cannot be compiled: " + message_of(error),
                        "the tokenizer's definition may be damaged");
    }
    code->compiled = pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE) == 0;
    code->shown = shown;
    return Regex(std::move(code));
}

Regex::Matcher::Matcher(const Regex& regex) : regex_(regex), state_(std::make_unique<State>()) {}

Regex::Matcher::~Matcher() = default;

bool Regex::Matcher::find(std::string_view text, std::size_t from, ByteSpan& match) {
    const Code& code = *regex_.code_;
    const auto attempt = [&](std::uint32_t options) {
        return pcre2_match(code.code, units(text), text.size(), from, options | PCRE2_NO_UTF_CHECK,
                           state_->data, state_->context);
    };
    int found = code.compiled ? pcre2_jit_match(code.code, units(text), text.size(), from, 0,
                                                state_->data, state_->context)
                              : attempt(0);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT && state_->stack == nullptr) {
        state_->grow_stack();
        found = attempt(0);
    }
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = attempt(PCRE2_NO_JIT);
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found < 0) {
        throw RunError("the regular expression '" + code.shown +
                       "' gave up on a text: " + message_of(found));
    }
    const std::size_t* ends = pcre2_get_ovector_pointer(state_->data);
    match = {static_cast<std::uint32_t>(ends[0]), static_cast<std::uint32_t>(ends[1])};
    return true;
}

const std::vector<ByteSpan>& Regex::Matcher::find_all(std::string_view text) {
    matches_.clear();
    if (text.empty()) return matches_;
    std::size_t from = 0;
    ByteSpan match;
    while (from <= text.size() && find(text, from, match)) {
        const bool touches = !matches_.empty() && matches_.back().end == match.end;
        if (match.begin == match.end && touches) {
            from += from < text.size() ? decode_utf8(text, from).bytes : 1;
            continue;
        }
        matches_.push_back(match);
        from = match.end;
    }
    return matches_;
}

}  // namespace alluvium

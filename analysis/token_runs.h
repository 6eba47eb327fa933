#pragma once
// Rows of a trace in file order with the prompt of each, in little memory: a slice of single tokens
// has a run for nearly every token.
//
// Stretches of rows: one prompt without gaps takes 32 bytes however long it is; where rows are
// missing or prompts alternate (prompts split by token class), 4 bits a row say which of up to 15
// prompts the row belongs to, or that it is left out. At most about 1 byte for every row between
// the first and the last.
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Rows [begin, end) of one prompt, all counted.
struct TokenRun {
    TokenPos begin = 0;
    TokenPos end = 0;
    std::uint32_t prompt = 0;

    bool operator==(const TokenRun&) const = default;
};

class TokenRuns {
  public:
    TokenRuns() = default;
    TokenRuns(std::initializer_list<TokenRun> runs) {
        for (const TokenRun& run : runs) add(run);
    }

    // After all rows that are in it.
    void add(const TokenRun& run);

    bool empty() const { return stretches_.empty(); }
    std::size_t bytes() const;

    // Ascending; each as long as it can be.
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = TokenRun;
        using difference_type = std::ptrdiff_t;
        using pointer = const TokenRun*;
        using reference = const TokenRun&;

        reference operator*() const { return run_; }
        pointer operator->() const { return &run_; }
        Iterator& operator++() {
            find(run_.end);
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return runs_ == nullptr; }

      private:
        friend class TokenRuns;
        explicit Iterator(const TokenRuns& runs) : runs_(&runs) { find(0); }
        void find(TokenPos from);

        const TokenRuns* runs_;  // null: at the end
        std::size_t stretch_ = 0;
        TokenRun run_;
    };
    Iterator begin() const { return Iterator(*this); }
    std::default_sentinel_t end() const { return {}; }

  private:
    static constexpr std::size_t kPrompts = 15;  // of a coded stretch
    static constexpr std::uint64_t kSolid = ~std::uint64_t{0};

    struct Stretch {
        TokenPos begin = 0, end = 0;
        std::uint64_t codes = kSolid;  // where its rows' codes begin; kSolid: one prompt, no gap
        std::uint32_t prompts = 0;     // the prompt, or where its prompts begin
        std::uint32_t count = 1;       // of prompts
    };

    bool extends(const TokenRun& run) const;
    void encode();
    unsigned code_of(std::uint32_t prompt);
    void append(unsigned code);
    unsigned code(const Stretch& stretch, TokenPos row) const {
        const std::uint64_t at = stretch.codes + (row - stretch.begin);
        return codes_[at / 2] >> (at % 2 * 4) & 15U;
    }

    std::vector<Stretch> stretches_;
    std::vector<std::uint32_t> prompts_;  // of coded stretches
    std::vector<std::uint8_t> codes_;     // two rows a byte; 0: left out, else 1 + place of prompt
    std::uint64_t coded_ = 0;             // rows
};

}  // namespace alluvium

#pragma once
// Words that were tokenized before, with their tokens.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/models/token_model.h"

namespace alluvium {

// For one thread. Bounded: when it is full it starts afresh, so that a stream of new words costs
// no more than a look-up each.
class WordCache {
  public:
    WordCache();

    // The tokens of `word`, or nothing where it is not known. Valid until the next insert.
    std::optional<std::span<const WordToken>> find(std::string_view word) const;
    // Words that are too long to come again are not kept.
    void insert(std::string_view word, std::span<const WordToken> tokens);

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t text = 0;    // where in texts_
        std::uint32_t tokens = 0;  // where in tokens_
        std::uint16_t bytes = 0;   // 0: free
        std::uint16_t count = 0;
    };

    std::size_t probe(std::string_view word, std::uint64_t hash) const;
    void clear();

    std::vector<Slot> slots_;
    std::string texts_;
    std::vector<WordToken> tokens_;
    std::size_t used_ = 0;
};

// Caches of a tokenizer that may be used by several threads: each call borrows one.
class WordCachePool {
  public:
    // Gives the cache back when it goes out of scope.
    class Lease {
      public:
        explicit Lease(WordCachePool& pool) : pool_(pool), cache_(pool.take()) {}
        ~Lease() { pool_.give_back(std::move(cache_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        WordCache& operator*() const { return *cache_; }

      private:
        WordCachePool& pool_;
        std::unique_ptr<WordCache> cache_;
    };

  private:
    std::unique_ptr<WordCache> take();
    void give_back(std::unique_ptr<WordCache> cache);

    std::mutex mutex_;
    std::vector<std::unique_ptr<WordCache>> idle_;
};

}  // namespace alluvium

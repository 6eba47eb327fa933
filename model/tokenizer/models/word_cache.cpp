#include "model/tokenizer/models/word_cache.h"

#include <cstring>

namespace alluvium {
namespace {

constexpr std::size_t kSlots = std::size_t{1} << 16;
constexpr std::size_t kMostWords = kSlots / 2;
constexpr std::size_t kMostTextBytes = std::size_t{2} << 20;
constexpr std::size_t kLongestWord = 255;

std::uint64_t hash_of(std::string_view word) {
    constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
    std::uint64_t hash = word.size() * kMultiplier;
    const auto mix = [&hash](std::uint64_t block) {
        hash = (hash ^ block) * kMultiplier;
        hash ^= hash >> 32;
    };
    std::size_t at = 0;
    for (; at + 8 <= word.size(); at += 8) {
        std::uint64_t block = 0;
        std::memcpy(&block, word.data() + at, 8);
        mix(block);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, word.data() + at, word.size() - at);
    mix(rest);
    return hash;
}

}  // namespace

WordCache::WordCache() : slots_(kSlots) {}

std::size_t WordCache::probe(std::string_view word, std::uint64_t hash) const {
    for (std::size_t at = hash & (kSlots - 1);; at = (at + 1) & (kSlots - 1)) {
        const Slot& slot = slots_[at];
        if (slot.bytes == 0) return at;
        if (slot.hash == hash && slot.bytes == word.size() &&
            std::memcmp(texts_.data() + slot.text, word.data(), word.size()) == 0) {
            return at;
        }
    }
}

std::optional<std::span<const WordToken>> WordCache::find(std::string_view word) const {
    if (word.size() > kLongestWord) return std::nullopt;
    const Slot& slot = slots_[probe(word, hash_of(word))];
    if (slot.bytes == 0) return std::nullopt;
    return std::span(tokens_).subspan(slot.tokens, slot.count);
}

void WordCache::insert(std::string_view word, std::span<const WordToken> tokens) {
    if (word.empty() || word.size() > kLongestWord) return;
    if (used_ >= kMostWords || texts_.size() >= kMostTextBytes) clear();
    const std::uint64_t hash = hash_of(word);
    Slot& slot = slots_[probe(word, hash)];
    if (slot.bytes == 0) ++used_;
    slot = {hash, static_cast<std::uint32_t>(texts_.size()),
            static_cast<std::uint32_t>(tokens_.size()), static_cast<std::uint16_t>(word.size()),
            static_cast<std::uint16_t>(tokens.size())};
    texts_ += word;
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
}

void WordCache::clear() {
    slots_.assign(kSlots, Slot{});
    texts_.clear();
    tokens_.clear();
    used_ = 0;
}

std::unique_ptr<WordCache> WordCachePool::take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<WordCache>();
    std::unique_ptr<WordCache> cache = std::move(idle_.back());
    idle_.pop_back();
    return cache;
}

void WordCachePool::give_back(std::unique_ptr<WordCache> cache) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(cache));
}

}  // namespace alluvium

#pragma once
#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace alluvium {

// Results by the key of every input that made them. Holds the `capacity` last used ones.
template <typename Result>
class ResultCache {
  public:
    using Pointer = std::shared_ptr<const Result>;

    explicit ResultCache(std::size_t capacity) : capacity_(std::max<std::size_t>(1, capacity)) {}

    // nullptr where there is none.
    Pointer find(const std::string& key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return found->second->result;
    }

    void put(const std::string& key, Pointer result) {
        if (const auto found = by_key_.find(key); found != by_key_.end()) {
            order_.erase(found->second);
            by_key_.erase(found);
        }
        order_.push_front({key, std::move(result)});
        by_key_[key] = order_.begin();
        if (order_.size() > capacity_) {
            by_key_.erase(order_.back().key);
            order_.pop_back();
        }
    }

    // Forgets every result whose key `unwanted` accepts.
    template <typename Predicate>
    void forget(const Predicate& unwanted) {
        for (auto entry = order_.begin(); entry != order_.end();) {
            if (!unwanted(entry->key)) {
                ++entry;
                continue;
            }
            by_key_.erase(entry->key);
            entry = order_.erase(entry);
        }
    }

    std::size_t size() const { return order_.size(); }

  private:
    struct Entry {
        std::string key;
        Pointer result;
    };

    std::size_t capacity_;
    std::list<Entry> order_;  // last used first
    std::unordered_map<std::string, typename std::list<Entry>::iterator> by_key_;
};

}  // namespace alluvium

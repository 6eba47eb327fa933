#pragma once
// Tokens by id and ids by token.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace alluvium {

class Vocabulary {
  public:
    Vocabulary() = default;
    explicit Vocabulary(std::vector<std::pair<std::string, std::uint32_t>> entries)
        : entries_(std::move(entries)) {
        ids_.reserve(entries_.size());
        tokens_.reserve(entries_.size());
        for (const auto& [token, id] : entries_) {
            ids_.emplace(token, id);
            tokens_.emplace(id, token);
        }
    }
    Vocabulary(Vocabulary&&) = default;
    Vocabulary& operator=(Vocabulary&&) = default;

    std::size_t size() const { return ids_.size(); }
    std::optional<std::uint32_t> id_of(std::string_view token) const {
        const auto found = ids_.find(token);
        if (found == ids_.end()) return std::nullopt;
        return found->second;
    }
    std::optional<std::string_view> token_of(std::uint32_t id) const {
        const auto found = tokens_.find(id);
        if (found == tokens_.end()) return std::nullopt;
        return found->second;
    }

    const std::vector<std::pair<std::string, std::uint32_t>>& entries() const { return entries_; }

  private:
    std::vector<std::pair<std::string, std::uint32_t>> entries_;  // what the views below look at
    std::unordered_map<std::string_view, std::uint32_t> ids_;
    std::unordered_map<std::uint32_t, std::string_view> tokens_;
};

}  // namespace alluvium

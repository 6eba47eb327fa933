#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace alluvium {

// Texts and their values, walked byte by byte.
class ByteTrie {
  public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::uint32_t kRoot = 0;

    ByteTrie() { first_.fill(kNone); }

    // Of two values for one text the later one counts.
    void add(std::string_view text, std::uint32_t value) {
        std::uint32_t at = kRoot;
        for (const char byte : text) {
            std::uint32_t to = step(at, byte);
            if (to == kNone) {
                to = static_cast<std::uint32_t>(nodes_.size());
                nodes_.emplace_back();
                connect(at, static_cast<unsigned char>(byte), to);
            }
            at = to;
        }
        nodes_[at].value = value;
    }
    bool empty() const { return nodes_.size() == 1; }

    // The node behind `byte`, or kNone.
    std::uint32_t step(std::uint32_t node, char byte) const {
        const auto wanted = static_cast<unsigned char>(byte);
        if (node == kRoot) return first_[wanted];
        for (const auto& [on, to] : nodes_[node].next) {
            if (on == wanted) return to;
        }
        return kNone;
    }
    // The value of the text that ends at `node`, or kNone.
    std::uint32_t value(std::uint32_t node) const { return nodes_[node].value; }

  private:
    struct Node {
        std::vector<std::pair<unsigned char, std::uint32_t>> next;  // few, but for the root
        std::uint32_t value = kNone;
    };

    void connect(std::uint32_t from, unsigned char byte, std::uint32_t to) {
        if (from == kRoot) {
            first_[byte] = to;
        } else {
            nodes_[from].next.emplace_back(byte, to);
        }
    }

    std::array<std::uint32_t, 256> first_{};  // the root's
    std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace alluvium

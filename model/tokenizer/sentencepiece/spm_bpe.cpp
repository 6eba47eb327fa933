#include <queue>

#include "base/utf8.h"
#include "model/tokenizer/sentencepiece/spm_models.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kNowhere = 0xffffffff;

struct SpmSymbol {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  // == begin: merged into the one before
    std::uint32_t previous = kNowhere;
    std::uint32_t next = kNowhere;
    bool frozen = false;  // a user-defined piece: merges with nothing

    std::uint32_t size() const { return end - begin; }
};

struct SpmCandidate {
    float score = 0;
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t size = 0;

    bool operator<(const SpmCandidate& other) const {  // queues keep their largest on top
        return score != other.score ? score < other.score : left > other.left;
    }
};

class SpmMerger {
  public:
    SpmMerger(std::string_view word, const PieceTable& pieces) : word_(word), pieces_(pieces) {
        split();
        for (std::uint32_t i = 0; i < symbols_.size(); ++i) push(i, symbols_[i].next);
    }

    void run(std::vector<WordToken>& out) {
        while (!queue_.empty()) {
            const SpmCandidate top = queue_.top();
            queue_.pop();
            merge(top);
        }
        for (std::uint32_t i = 0; i != kNowhere; i = symbols_[i].next) emit(symbols_[i], out);
    }

  private:
    std::string_view text(std::uint32_t begin, std::uint32_t end) const {
        return word_.substr(begin, end - begin);
    }

    void split() {
        for (std::uint32_t at = 0; at < word_.size();) {
            SpmSymbol symbol;
            const std::size_t defined = pieces_.user_defined_prefix(word_.substr(at));
            symbol.frozen = defined != 0;
            symbol.begin = at;
            at +=
                symbol.frozen ? static_cast<std::uint32_t>(defined) : decode_utf8(word_, at).bytes;
            symbol.end = at;
            const auto index = static_cast<std::uint32_t>(symbols_.size());
            if (index > 0) {
                symbol.previous = index - 1;
                symbols_.back().next = index;
            }
            symbols_.push_back(symbol);
        }
    }

    void push(std::uint32_t left, std::uint32_t right) {
        if (left == kNowhere || right == kNowhere || symbols_[left].frozen ||
            symbols_[right].frozen) {
            return;
        }
        const std::uint32_t begin = symbols_[left].begin;
        const std::uint32_t end = symbols_[right].end;
        const auto id = pieces_.find(text(begin, end));
        if (!id) return;
        queue_.push({pieces_.piece(*id).score, left, right, end - begin});
        if (pieces_.piece(*id).type == PieceType::unused) {
            middles_.insert_or_assign(text(begin, end), symbols_[left].size());
        }
    }

    void merge(const SpmCandidate& candidate) {
        SpmSymbol& left = symbols_[candidate.left];
        SpmSymbol& right = symbols_[candidate.right];
        if (left.size() == 0 || right.size() == 0 || left.size() + right.size() != candidate.size) {
            return;
        }
        left.end = right.end;
        left.next = right.next;
        if (left.next != kNowhere) symbols_[left.next].previous = candidate.left;
        right.end = right.begin;
        push(left.previous, candidate.left);
        push(candidate.left, left.next);
    }

    // An unused piece only served to get here: it is taken apart again.
    void emit(const SpmSymbol& symbol, std::vector<WordToken>& out) const {
        const auto id = pieces_.find(text(symbol.begin, symbol.end));
        if (!id) {
            pieces_.append_unknown(word_, {0, symbol.begin, symbol.end}, out);
            return;
        }
        const auto middle = middles_.find(text(symbol.begin, symbol.end));
        if (pieces_.piece(*id).type == PieceType::unused && middle != middles_.end()) {
            SpmSymbol half = symbol;
            half.end = symbol.begin + middle->second;
            emit(half, out);
            half = {half.end, symbol.end};
            emit(half, out);
            return;
        }
        out.push_back({*id, symbol.begin, symbol.end});
    }

    std::string_view word_;
    const PieceTable& pieces_;
    std::vector<SpmSymbol> symbols_;
    std::priority_queue<SpmCandidate> queue_;
    std::unordered_map<std::string_view, std::uint32_t> middles_;  // of unused pieces
};

}  // namespace

void SentencePieceBpe::tokenize(std::string_view word, std::vector<WordToken>& out) const {
    SpmMerger(word, pieces()).run(out);
}

}  // namespace alluvium

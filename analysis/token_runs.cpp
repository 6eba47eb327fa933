#include "analysis/token_runs.h"

#include <algorithm>

namespace alluvium {
namespace {

// Rows whose codes take as much memory as a stretch of their own.
constexpr TokenPos kWorthAStretch = 64;

}  // namespace

void TokenRuns::add(const TokenRun& run) {
    if (run.begin >= run.end) return;
    if (!extends(run)) {
        stretches_.push_back({run.begin, run.end, kSolid, run.prompt, 1});
        return;
    }
    Stretch& last = stretches_.back();
    if (last.codes == kSolid) {
        if (last.end == run.begin && last.prompts == run.prompt) {
            last.end = run.end;
            return;
        }
        encode();
    }
    for (; last.end < run.begin; ++last.end) append(0);
    const unsigned code = code_of(run.prompt);
    for (; last.end < run.end; ++last.end) append(code);
}

// Whether the run goes into the last stretch: where that costs no more than one of its own.
bool TokenRuns::extends(const TokenRun& run) const {
    if (stretches_.empty()) return false;
    const Stretch& last = stretches_.back();
    const bool solid = last.codes == kSolid;
    if (solid && last.end == run.begin && last.prompts == run.prompt) return true;
    if (run.begin - last.end >= kWorthAStretch || run.end - run.begin >= kWorthAStretch) {
        return false;
    }
    if (solid) return last.end - last.begin < kWorthAStretch;
    const auto first = prompts_.begin() + last.prompts;
    return last.count < kPrompts || std::find(first, prompts_.end(), run.prompt) != prompts_.end();
}

// The last stretch, solid until now, gets codes.
void TokenRuns::encode() {
    Stretch& last = stretches_.back();
    prompts_.push_back(last.prompts);
    last.prompts = static_cast<std::uint32_t>(prompts_.size() - 1);
    last.codes = coded_;
    for (TokenPos row = last.begin; row < last.end; ++row) append(1);
}

unsigned TokenRuns::code_of(std::uint32_t prompt) {
    Stretch& last = stretches_.back();
    const auto first = prompts_.begin() + last.prompts;
    const auto found = std::find(first, prompts_.end(), prompt);
    const auto place = static_cast<unsigned>(found - first);
    if (found == prompts_.end()) {
        prompts_.push_back(prompt);
        ++last.count;
    }
    return place + 1;
}

void TokenRuns::append(unsigned code) {
    if (coded_ % 2 == 0) {
        codes_.push_back(static_cast<std::uint8_t>(code));
    } else {
        codes_.back() = static_cast<std::uint8_t>(codes_.back() | code << 4);
    }
    ++coded_;
}

std::size_t TokenRuns::bytes() const {
    return stretches_.capacity() * sizeof(Stretch) + prompts_.capacity() * sizeof(std::uint32_t) +
           codes_.capacity();
}

void TokenRuns::Iterator::find(TokenPos from) {
    for (; stretch_ < runs_->stretches_.size(); ++stretch_) {
        const Stretch& stretch = runs_->stretches_[stretch_];
        TokenPos row = std::max(from, stretch.begin);
        if (stretch.codes == kSolid) {
            if (row >= stretch.end) continue;
            run_ = {row, stretch.end, stretch.prompts};
            return;
        }
        while (row < stretch.end && runs_->code(stretch, row) == 0) ++row;
        if (row >= stretch.end) continue;
        const unsigned code = runs_->code(stretch, row);
        TokenPos end = row + 1;
        while (end < stretch.end && runs_->code(stretch, end) == code) ++end;
        run_ = {row, end, runs_->prompts_[stretch.prompts + code - 1]};
        return;
    }
    runs_ = nullptr;
}

}  // namespace alluvium

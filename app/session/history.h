#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace alluvium {

// Undo and redo of a small value that is copied whole.
template <typename State>
class History {
  public:
    explicit History(State start = {}, std::size_t depth = 200)
        : now_(std::move(start)), depth_(depth) {}

    const State& now() const { return now_; }

    // Makes `next` the present. Changes that follow each other under the same non-empty `series`
    // (one drag, one turn of the wheel) are undone together. A change that changes nothing is none.
    void change(State next, std::string what, std::string series = {}) {
        if (next == now_) return;
        const bool continues = !series.empty() && series == series_;
        if (!continues) {
            past_.push_back({now_, std::move(what)});
            if (past_.size() > depth_) past_.erase(past_.begin());
        }
        series_ = std::move(series);
        future_.clear();
        now_ = std::move(next);
    }
    // The next change starts a step of its own.
    void end_series() { series_.clear(); }
    // Forgets everything; for opening another session.
    void reset(State start) { *this = History(std::move(start), depth_); }

    bool undo() { return step(past_, future_); }
    bool redo() { return step(future_, past_); }
    // What undo() and redo() would take back or do again; empty: nothing.
    std::string undo_what() const { return past_.empty() ? "" : past_.back().what; }
    std::string redo_what() const { return future_.empty() ? "" : future_.back().what; }

  private:
    struct Step {
        State state;
        std::string what;
    };

    bool step(std::vector<Step>& from, std::vector<Step>& to) {
        if (from.empty()) return false;
        Step step = std::move(from.back());
        from.pop_back();
        to.push_back({std::move(now_), std::move(step.what)});
        now_ = std::move(step.state);
        series_.clear();
        return true;
    }

    State now_;
    std::size_t depth_;
    std::vector<Step> past_, future_;
    std::string series_;
};

}  // namespace alluvium

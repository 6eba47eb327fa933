#pragma once
// The two errors a user ever sees. Everything else is a bug and asserts.
#include <stdexcept>
#include <string>
#include <utility>

namespace alluvium {

// What a user can mend. `what` names the file, tensor or option, what was expected and what was
// found; `hint` says what to do. Shown as `error:` and `hint:`; exit code 2.
class UserError : public std::runtime_error {
  public:
    explicit UserError(const std::string& what, std::string hint = {})
        : std::runtime_error(what), hint_(std::move(hint)) {}

    const std::string& hint() const { return hint_; }

  private:
    std::string hint_;
};

// What the world did: disk full, out of memory, a read error. What was written so far stays valid.
// Exit code 1.
class RunError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Thrown by long work when its Progress was cancelled. Exit code 1; never shown as a failure in
// the workbench.
class Cancelled : public std::runtime_error {
  public:
    Cancelled() : std::runtime_error("cancelled") {}
};

}  // namespace alluvium

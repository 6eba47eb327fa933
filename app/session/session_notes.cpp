#include "app/session/session.h"
#include "base/error.h"

namespace alluvium {

void Session::read_notes_of(const std::string& id) {
    notes_.erase(id);
    try {
        notes_[id] = read_notes(id);
    } catch (const UserError& error) {
        tell({"Read the notes of " + id, error.what(), error.hint()});
    }
}

const Notes& Session::notes(const std::string& trace) const {
    static const Notes none;
    const auto found = notes_.find(trace);
    return found == notes_.end() ? none : found->second;
}

void Session::change_notes(const std::string& id, const std::function<void(Notes&)>& edit) {
    const auto found = notes_.find(id);
    if (found == notes_.end()) {
        return tell({"Note", "the notes of " + id + " could not be read, so none can be added",
                     "move " + notes_path(id).string() + " away and open the trace again"});
    }
    Notes changed = found->second;
    edit(changed);
    if (changed == found->second) return;
    found->second = changed;
    try {
        save_notes(changed, id);
    } catch (const std::exception& error) {
        tell({"Save the notes", error.what(), "they last until the window is closed"});
    }
}

void Session::note(const std::string& trace, const Note& note) {
    change_notes(trace, [&](Notes& notes) { notes.set(note); });
}

void Session::unpin(const std::string& trace, int layer, int expert) {
    change_notes(trace, [&](Notes& notes) { notes.remove(layer, expert); });
}

}  // namespace alluvium

#pragma once
// What a person noted about experts: pinned, named, put into groups, commented. Kept beside the
// trace in a file of its own (TRACE.notes.json), so that the trace stays as it was written and a
// folder can be handed on with its notes.
#include <filesystem>
#include <string>
#include <vector>

namespace alluvium {

struct Note {
    int layer = -1;
    int expert = -1;
    std::string name = {};   // what it is called on the screen: "digits"
    std::string group = {};  // which others it belongs to: "numbers"
    std::string text = {};

    bool operator==(const Note&) const = default;
};

// In the order of layers and experts; an expert that stands here is pinned.
class Notes {
  public:
    const std::vector<Note>& all() const { return notes_; }
    // nullptr: not pinned.
    const Note* find(int layer, int expert) const;
    // Adds the expert or replaces what was noted about it.
    void set(const Note& note);
    void remove(int layer, int expert);

    bool operator==(const Notes&) const = default;

  private:
    std::vector<Note> notes_;
};

std::filesystem::path notes_path(const std::filesystem::path& trace);

// None where there is no file. UserError where it is damaged or newer than this program.
Notes read_notes(const std::filesystem::path& trace);
// No notes: no file. Errors as write_file_atomically().
void save_notes(const Notes& notes, const std::filesystem::path& trace);

}  // namespace alluvium

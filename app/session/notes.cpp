#include "app/session/notes.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace alluvium {
namespace {

constexpr int kNotesVersion = 1;

std::pair<int, int> place(const Note& note) {
    return {note.layer, note.expert};
}

}  // namespace

const Note* Notes::find(int layer, int expert) const {
    const auto found = std::ranges::find(notes_, std::pair(layer, expert), place);
    return found == notes_.end() ? nullptr : &*found;
}

void Notes::set(const Note& note) {
    const auto at = std::ranges::lower_bound(notes_, place(note), {}, place);
    if (at != notes_.end() && place(*at) == place(note)) {
        *at = note;
    } else {
        notes_.insert(at, note);
    }
}

void Notes::remove(int layer, int expert) {
    std::erase_if(notes_,
                  [&](const Note& note) { return place(note) == std::pair(layer, expert); });
}

std::filesystem::path notes_path(const std::filesystem::path& trace) {
    return trace.string() + ".notes.json";
}

Notes read_notes(const std::filesystem::path& trace) {
    const std::filesystem::path path = notes_path(trace);
    if (!std::filesystem::exists(path)) return {};
    const auto refuse = [&](const std::string& why) {
        return UserError("'" + path.string() + "' " + why,
                         "move it away to start new notes; nothing is written over it");
    };
    Notes notes;
    try {
        const Json json = Json::parse(read_file(path));
        if (json.at("alluvium_notes").get<int>() > kNotesVersion) {
            throw refuse("was written by a newer alluvium");
        }
        for (const Json& note : json.at("notes")) {
            notes.set({note.at("layer").get<int>(), note.at("expert").get<int>(),
                       note.value("name", ""), note.value("group", ""), note.value("text", "")});
        }
    } catch (const Json::exception& error) {
        throw refuse(std::string("cannot be read: ") + error.what());
    }
    return notes;
}

void save_notes(const Notes& notes, const std::filesystem::path& trace) {
    if (notes.all().empty()) {
        std::error_code ignored;
        std::filesystem::remove(notes_path(trace), ignored);
        return;
    }
    Json list = Json::array();
    for (const Note& note : notes.all()) {
        list.push_back({{"layer", note.layer},
                        {"expert", note.expert},
                        {"name", note.name},
                        {"group", note.group},
                        {"text", note.text}});
    }
    const Json json = {{"alluvium_notes", kNotesVersion}, {"notes", list}};
    write_file_atomically(notes_path(trace), json.dump(1) + "\n");
}

}  // namespace alluvium

#include "captures/hdf5/handle.h"

namespace alluvium::hdf5 {
namespace {

std::mutex& library_mutex() {
    static std::mutex mutex;
    return mutex;
}

// The innermost entry of the library's error stack says what actually happened.
herr_t take_innermost(unsigned, const H5E_error2_t* entry, void* text) {
    if (entry->desc != nullptr) *static_cast<std::string*>(text) = entry->desc;
    return 0;
}

std::string last_error() {
    std::string text;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, take_innermost, &text);
    return text;
}

}  // namespace

LibraryLock::LibraryLock() : lock_(library_mutex()) {
    // Failures are reported by exceptions; the library would print them as well.
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void check(herr_t status, const std::string& what) {
    if (status >= 0) return;
    const std::string reason = last_error();
    throw Error(reason.empty() ? what : what + " (" + reason + ")");
}

Handle::Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
    if (id < 0) check(-1, what);
}

}  // namespace alluvium::hdf5

#include "captures/hdf5/file.h"

namespace alluvium::hdf5 {
namespace {

// Large arrays start on a page, so that they can be read without copying partial pages.
constexpr hsize_t kAlignFrom = 64 * 1024;
constexpr hsize_t kAlignment = 4096;

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

}  // namespace

Handle open_file(const std::string& path) {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "file access properties");
    check(H5Pset_file_locking(access.get(), false, true), "file locking property");
    return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, "cannot open"};
}

Handle create_file(const std::string& path) {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "file access properties");
    check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18),
          "library version bounds");
    check(H5Pset_alignment(access.get(), kAlignFrom, kAlignment), "alignment property");
    return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose,
            "cannot create"};
}

bool exists(const Handle& parent, const std::string& path) {
    for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
        const std::string prefix = path.substr(0, end);
        if (H5Lexists(parent.get(), prefix.c_str(), H5P_DEFAULT) <= 0) return false;
        if (end == std::string::npos) return true;
    }
}

Handle open_group(const Handle& parent, const std::string& path) {
    return {H5Gopen2(parent.get(), path.c_str(), H5P_DEFAULT), H5Gclose, "no group '" + path + "'"};
}

Handle create_group(const Handle& parent, const std::string& path) {
    if (exists(parent, path)) return open_group(parent, path);
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "link properties");
    check(H5Pset_create_intermediate_group(links.get(), 1), "link properties");
    return {H5Gcreate2(parent.get(), path.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
            "cannot create group '" + path + "'"};
}

Handle open_dataset(const Handle& parent, const std::string& path) {
    return {H5Dopen2(parent.get(), path.c_str(), H5P_DEFAULT), H5Dclose,
            "no dataset '" + path + "'"};
}

std::vector<std::string> children(const Handle& group) {
    std::vector<std::string> names;
    check(H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names),
          "cannot list a group");
    return names;
}

}  // namespace alluvium::hdf5

#include "captures/hdf5/strings.h"

#include <algorithm>
#include <functional>

#include "captures/hdf5/numbers.h"

namespace alluvium::hdf5 {
namespace {

Handle text_type() {
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "string type");
    check(H5Tset_size(type.get(), H5T_VARIABLE), "string type");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "string type");
    return type;
}

// Reads into memory of the given type: H5Dread or H5Aread of one object.
using ReadInto = std::function<herr_t(hid_t, void*)>;

std::vector<std::string> read_variable(const Handle& stored, const Handle& space, std::size_t count,
                                       const ReadInto& read) {
    const Handle type = text_type();
    // The library converts between character sets by refusing: memory takes the file's.
    check(H5Tset_cset(type.get(), H5Tget_cset(stored.get())), "string type");
    std::vector<char*> pointers(count, nullptr);
    check(read(type.get(), pointers.data()), "cannot read strings");
    std::vector<std::string> column(count);
    std::ranges::transform(pointers, column.begin(),
                           [](const char* text) { return std::string(text ? text : ""); });
    check(H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data()),
          "cannot release strings");
    return column;
}

std::string trim_padding(std::string_view field, H5T_str_t padding) {
    if (padding == H5T_STR_SPACEPAD) {
        const std::size_t last = field.find_last_not_of(' ');
        return std::string(field.substr(0, last == std::string_view::npos ? 0 : last + 1));
    }
    return std::string(field.substr(0, field.find('\0')));
}

std::vector<std::string> read_fixed(const Handle& stored, std::size_t count, const ReadInto& read) {
    const std::size_t width = H5Tget_size(stored.get());
    std::string bytes(width * count, '\0');
    check(read(stored.get(), bytes.data()), "cannot read strings");
    std::vector<std::string> column(count);
    for (std::size_t i = 0; i < count; ++i) {
        column[i] = trim_padding(std::string_view(bytes).substr(i * width, width),
                                 H5Tget_strpad(stored.get()));
    }
    return column;
}

std::vector<std::string> read_texts(const Handle& stored, const Handle& space,
                                    const ReadInto& read) {
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (count <= 0) return {};
    const auto size = static_cast<std::size_t>(count);
    return H5Tis_variable_str(stored.get()) > 0 ? read_variable(stored, space, size, read)
                                                : read_fixed(stored, size, read);
}

herr_t collect_name(hid_t, const char* name, const H5A_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

}  // namespace

void write_strings(const Handle& parent, const std::string& path,
                   std::span<const std::string> column) {
    const Handle type = text_type();
    const std::array<hsize_t, 1> dims{column.size()};
    const Handle dataset = create_dataset(parent, path, type, dims);
    if (column.empty()) return;
    std::vector<const char*> pointers(column.size());
    std::ranges::transform(column, pointers.begin(),
                           [](const std::string& text) { return text.c_str(); });
    check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()),
          "cannot write '" + path + "'");
}

void create_fixed_strings(const Handle& parent, const std::string& path, std::uint64_t rows,
                          std::uint64_t width) {
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "string type");
    check(H5Tset_size(type.get(), width), "string type");
    check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "string type");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "string type");
    create_dataset(parent, path, type, std::array<hsize_t, 1>{rows});
}

std::optional<FixedStrings> describe_fixed_strings(const Handle& parent, const std::string& path) {
    const Handle dataset(H5Dopen2(parent.get(), path.c_str(), H5P_DEFAULT), H5Dclose,
                         "no dataset '" + path + "'");
    const Handle stored(H5Dget_type(dataset.get()), H5Tclose, "type of '" + path + "'");
    if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) > 0) {
        return std::nullopt;
    }
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, "shape of '" + path + "'");
    FixedStrings found;
    found.rows = static_cast<std::uint64_t>(H5Sget_simple_extent_npoints(space.get()));
    found.width = H5Tget_size(stored.get());
    const haddr_t offset = H5Dget_offset(dataset.get());
    if (offset != HADDR_UNDEF) found.offset = offset;
    return found;
}

std::vector<std::string> read_strings(const Handle& parent, const std::string& path) {
    const Handle dataset(H5Dopen2(parent.get(), path.c_str(), H5P_DEFAULT), H5Dclose,
                         "no dataset '" + path + "'");
    const Handle stored(H5Dget_type(dataset.get()), H5Tclose, "type of '" + path + "'");
    if (H5Tget_class(stored.get()) != H5T_STRING) throw Error("'" + path + "' holds no text");
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, "shape of '" + path + "'");
    return read_texts(stored, space, [&](hid_t memory, void* out) {
        return H5Dread(dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
    });
}

void write_attribute(const Handle& object, const std::string& name, const std::string& value) {
    const Handle type = text_type();
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "scalar shape");
    const Handle attribute(
        H5Acreate2(object.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, "cannot create attribute '" + name + "'");
    const char* text = value.c_str();
    check(H5Awrite(attribute.get(), type.get(), &text), "cannot write attribute '" + name + "'");
}

std::vector<std::string> read_string_attribute(const Handle& object, const std::string& name) {
    if (H5Aexists(object.get(), name.c_str()) <= 0) return {};
    const Handle attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), H5Aclose,
                           "attribute '" + name + "'");
    const Handle stored(H5Aget_type(attribute.get()), H5Tclose, "type of attribute '" + name + "'");
    if (H5Tget_class(stored.get()) != H5T_STRING) return {};
    const Handle space(H5Aget_space(attribute.get()), H5Sclose,
                       "shape of attribute '" + name + "'");
    return read_texts(stored, space, [&](hid_t memory, void* out) {
        return H5Aread(attribute.get(), memory, out);
    });
}

std::vector<std::string> attribute_names(const Handle& object) {
    std::vector<std::string> names;
    check(H5Aiterate2(object.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names),
          "cannot list attributes");
    return names;
}

}  // namespace alluvium::hdf5

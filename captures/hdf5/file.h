#pragma once
// Files, groups and what lies in them.
#include <string>
#include <vector>

#include "captures/hdf5/handle.h"

namespace alluvium::hdf5 {

// Read-only and without the library's file lock: a capture that is still being written can be read,
// its layout sees to that.
Handle open_file(const std::string& path);

// A new, empty file in the format that every HDF5 since 1.8 reads.
Handle create_file(const std::string& path);

// Where `path` ("layers/003/expert") leads to an object below `parent`.
bool exists(const Handle& parent, const std::string& path);

Handle open_group(const Handle& parent, const std::string& path);

// Creates missing groups on the way.
Handle create_group(const Handle& parent, const std::string& path);

Handle open_dataset(const Handle& parent, const std::string& path);

// Names of the links in a group, in alphabetical order.
std::vector<std::string> children(const Handle& group);

}  // namespace alluvium::hdf5

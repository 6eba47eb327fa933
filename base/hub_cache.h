#pragma once
// The cache of the Hugging Face hub keeps a repository as
//
//     models--ORG--NAME/refs/main           the commit that "main" was when it was fetched
//     models--ORG--NAME/snapshots/COMMIT/   one symbolic link into blobs/ for each file
#include <filesystem>
#include <string>

namespace alluvium {

// The folder with the files: `path` itself or, where it is a repository of that cache, the snapshot
// that refs/main names, else its only one. UserError where several snapshots could be meant (it
// names them) or none is there.
std::filesystem::path hub_snapshot(const std::filesystem::path& path);

// What a folder of files is called: its own name, of a snapshot the repository's NAME.
std::string folder_name(const std::filesystem::path& folder);

}  // namespace alluvium

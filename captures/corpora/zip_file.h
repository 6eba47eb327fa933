#pragma once
#include <filesystem>
#include <string>

namespace alluvium {

// The only file in a zip archive, uncompressed. Stored and deflated members; checked against the
// archive's CRC-32. UserError: no zip archive, more than one file, encrypted, damaged.
// Format: PKWARE APPNOTE.TXT 6.3.10, without ZIP64.
std::string read_single_file_zip(const std::filesystem::path& path);

}  // namespace alluvium

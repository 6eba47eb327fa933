#pragma once
// The members of a zip file (PKWARE APPNOTE 6.3, zip64 included) as torch.save writes it: stored,
// not packed.
#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace alluvium {

using ZipEntries = std::map<std::string, std::span<const std::byte>>;

// Views into `file`. UserError naming `source` where it is no zip file, is damaged, or holds a
// packed or encrypted member.
ZipEntries zip_entries(std::span<const std::byte> file, const std::string& source);

}  // namespace alluvium

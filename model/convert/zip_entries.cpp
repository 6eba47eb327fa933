#include "model/convert/zip_entries.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50;
constexpr std::size_t kEndSize = 22, kLongestComment = 65'535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint32_t kIn64 = 0xffffffff;  // "look into the zip64 part"

class Archive {
  public:
    Archive(std::span<const std::byte> bytes, const std::string& source)
        : bytes_(bytes), source_(source) {}

    ZipEntries entries() const {
        ZipEntries result;
        const auto [count, first] = directory();
        std::uint64_t at = first;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (number<std::uint32_t>(at) != kCentralHeader) damaged("its directory is broken");
            const auto name_size = number<std::uint16_t>(at + 28);
            const auto extra_size = number<std::uint16_t>(at + 30);
            const auto comment_size = number<std::uint16_t>(at + 32);
            const std::span<const std::byte> name = part(at + 46, name_size);
            const std::string text(reinterpret_cast<const char*>(name.data()), name.size());
            const bool fresh = result.emplace(text, content(at, text)).second;
            if (!fresh) damaged("it holds '" + text + "' twice");
            at += 46U + name_size + extra_size + comment_size;
        }
        return result;
    }

  private:
    struct Directory {
        std::uint64_t count = 0, offset = 0;
    };

    [[noreturn]] void damaged(const std::string& how) const {
        throw UserError("'" + source_ + "' is no sound zip file: " + how, "fetch the file again");
    }

    std::span<const std::byte> part(std::uint64_t at, std::uint64_t size) const {
        if (at > bytes_.size() || size > bytes_.size() - at) damaged("it is cut short");
        return bytes_.subspan(at, size);
    }

    template <typename T>
    T number(std::uint64_t at) const {
        T value{};  // little-endian, as the format and this program's machines are
        std::memcpy(&value, part(at, sizeof value).data(), sizeof value);
        return value;
    }

    // From behind: a comment may follow the end record.
    std::uint64_t end_record() const {
        if (bytes_.size() < kEndSize) damaged("it is too short");
        const std::uint64_t last = bytes_.size() - kEndSize;
        const std::uint64_t first = last > kLongestComment ? last - kLongestComment : 0;
        for (std::uint64_t at = last + 1; at-- > first;) {
            if (number<std::uint32_t>(at) == kEnd) return at;
        }
        damaged("it has no end record");
    }

    Directory directory() const {
        const std::uint64_t end = end_record();
        Directory result{number<std::uint16_t>(end + 10), number<std::uint32_t>(end + 16)};
        const bool large = result.count == 0xffff || result.offset == kIn64;
        if (!large || end < 20 || number<std::uint32_t>(end - 20) != kEnd64Locator) return result;
        const auto at = number<std::uint64_t>(end - 20 + 8);
        if (number<std::uint32_t>(at) != kEnd64) damaged("its zip64 end record is broken");
        return {number<std::uint64_t>(at + 32), number<std::uint64_t>(at + 48)};
    }

    // The 64-bit values of a directory entry stand in this order, each only where it is needed.
    std::optional<std::uint64_t> extra_at(std::uint64_t entry) const {
        const std::uint64_t begin = entry + 46 + number<std::uint16_t>(entry + 28);
        const std::uint64_t end = begin + number<std::uint16_t>(entry + 30);
        for (std::uint64_t at = begin; at + 4 <= end;) {
            if (number<std::uint16_t>(at) == kZip64Extra) return at + 4;
            at += 4U + number<std::uint16_t>(at + 2);
        }
        return std::nullopt;
    }

    std::span<const std::byte> content(std::uint64_t entry, const std::string& name) const {
        std::uint64_t packed = number<std::uint32_t>(entry + 20);
        std::uint64_t size = number<std::uint32_t>(entry + 24);
        std::uint64_t offset = number<std::uint32_t>(entry + 42);
        if (auto at = extra_at(entry)) {
            for (std::uint64_t* value : {&size, &packed, &offset}) {
                if (*value != kIn64) continue;
                *value = number<std::uint64_t>(*at);
                *at += sizeof(std::uint64_t);
            }
        }
        const bool encrypted = (number<std::uint16_t>(entry + 8) & 1U) != 0;
        if (number<std::uint16_t>(entry + 10) != 0 || encrypted || packed != size) {
            throw UserError("'" + source_ + "': member '" + name + "' is packed or encrypted",
                            "torch.save stores its members as they are; save the file again");
        }
        if (number<std::uint32_t>(offset) != kLocalHeader) damaged("member '" + name + "' is lost");
        const std::uint64_t begin =
            offset + 30U + number<std::uint16_t>(offset + 26) + number<std::uint16_t>(offset + 28);
        return part(begin, size);
    }

    std::span<const std::byte> bytes_;
    const std::string& source_;
};

}  // namespace

ZipEntries zip_entries(std::span<const std::byte> file, const std::string& source) {
    return Archive(file, source).entries();
}

}  // namespace alluvium

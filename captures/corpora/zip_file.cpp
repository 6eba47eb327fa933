#include "captures/corpora/zip_file.h"

#include <cstdint>
#include <vector>

#include <zlib.h>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::uint64_t kLargest = 1ULL << 31;

struct Member {
    std::string name;
    std::uint32_t flags = 0, method = 0, crc = 0;
    std::uint32_t packed_bytes = 0, bytes = 0, local_header = 0;
};

class Archive {
  public:
    explicit Archive(const std::filesystem::path& path)
        : path_(path.string()), content_(read_file(path)) {}

    std::string read_single() const {
        Member found;
        for (const Member& member : members()) {
            if (member.name.ends_with('/')) continue;
            if (!found.name.empty()) fail("holds more than one file");
            found = member;
        }
        if (found.name.empty()) fail("holds no file");
        return unpack(found);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw UserError("zip archive '" + path_ + "' " + what,
                        "unpack it yourself, or fetch it again if it is damaged");
    }

    // Little-endian integer of 2 or 4 bytes.
    std::uint32_t number(std::size_t at, std::size_t width) const {
        if (at + width > content_.size()) fail("ends too early");
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            const auto byte = static_cast<unsigned char>(content_[at + i]);
            value |= static_cast<std::uint32_t>(byte) << (8 * i);
        }
        return value;
    }

    std::size_t find_end() const {
        // A comment of up to 64 KiB may follow.
        for (std::size_t back = kEndBytes; back <= content_.size() && back <= kEndBytes + 0xffff;
             ++back) {
            const std::size_t at = content_.size() - back;
            if (number(at, 4) == kEndSignature) return at;
        }
        fail("is no zip archive");
    }

    std::vector<Member> members() const {
        const std::size_t end = find_end();
        const std::uint32_t count = number(end + 10, 2);
        std::size_t at = number(end + 16, 4);
        std::vector<Member> members;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (number(at, 4) != kEntrySignature) fail("has a damaged directory");
            const std::uint32_t name_bytes = number(at + 28, 2);
            if (at + kEntryBytes + name_bytes > content_.size()) fail("ends too early");
            members.push_back({.name = content_.substr(at + kEntryBytes, name_bytes),
                               .flags = number(at + 8, 2),
                               .method = number(at + 10, 2),
                               .crc = number(at + 16, 4),
                               .packed_bytes = number(at + 20, 4),
                               .bytes = number(at + 24, 4),
                               .local_header = number(at + 42, 4)});
            at += kEntryBytes + name_bytes + number(at + 30, 2) + number(at + 32, 2);
        }
        return members;
    }

    std::string unpack(const Member& member) const {
        if ((member.flags & 1U) != 0) fail("is encrypted");
        if (member.bytes >= kLargest || member.packed_bytes >= kLargest) fail("is too large");
        const std::size_t local = member.local_header;
        if (number(local, 4) != kLocalSignature) fail("has a damaged directory");
        const std::size_t data =
            local + kLocalBytes + number(local + 26, 2) + number(local + 28, 2);
        if (data + member.packed_bytes > content_.size()) fail("ends too early");
        const std::string_view packed =
            std::string_view(content_).substr(data, member.packed_bytes);
        std::string text = member.method == 0 ? std::string(packed) : inflate_raw(packed, member);
        const uLong crc =
            ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
        if (text.size() != member.bytes || crc != member.crc) fail("is damaged");
        return text;
    }

    std::string inflate_raw(std::string_view packed, const Member& member) const {
        if (member.method != 8) fail("is compressed by a method other than deflate");
        std::string text(member.bytes, '\0');
        z_stream stream{};
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef*>(text.data());
        stream.avail_out = static_cast<uInt>(text.size());
        // Negative: no zlib header around the data.
        if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("cannot be unpacked");
        const int status = ::inflate(&stream, Z_FINISH);
        ::inflateEnd(&stream);
        if (status != Z_STREAM_END) fail("is damaged");
        return text;
    }

    std::string path_;
    std::string content_;
};

}  // namespace

std::string read_single_file_zip(const std::filesystem::path& path) {
    return Archive(path).read_single();
}

}  // namespace alluvium

#pragma once
// The checkpoint's own tokenizer: ids and byte offsets, equal to the reference library's.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

struct Encoding {
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> begin, end;  // byte offsets into the text as given
    std::vector<std::uint8_t> special;      // 1: added by the post-processor, offsets 0
    std::size_t size() const { return ids.size(); }
};

enum class AddBos { automatic, yes, no };

class Tokenizer {
  public:
    // A folder with tokenizer.json, or vocab.json + merges.txt. UserError names the file and the
    // part of the pipeline that is not supported.
    static Tokenizer open(const std::filesystem::path& folder);

    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    // UserError with the byte offset where `text` is not UTF-8. Thread-safe.
    Encoding encode(std::string_view text, AddBos bos = AddBos::automatic) const;
    // The text of one id or of a sequence; a byte-level token may be half a character.
    std::string decode(const std::vector<std::uint32_t>& ids) const;
    std::string token_text(std::uint32_t id) const;

    std::size_t vocab_size() const;  // added tokens included
    std::string kind() const;        // "byte-level BPE"
    std::string id() const;          // hash of the files that define it
    std::optional<std::uint32_t> bos() const;
    std::optional<std::uint32_t> eos() const;

  private:
    struct Impl;
    explicit Tokenizer(std::unique_ptr<Impl> impl);
    std::unique_ptr<const Impl> impl_;
};

}  // namespace alluvium

#pragma once
// A piece of text under transformation that remembers which bytes of the original it came from.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// Half-open range of bytes of the text as the user gave it.
struct ByteSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    bool operator==(const ByteSpan&) const = default;
};

// `spans` is as long as `text`: entry i is where byte i of `text` came from. All bytes of one
// character share one span, and spans never run backwards.
struct AlignedText {
    std::string text;
    std::vector<ByteSpan> spans;
};

// One character of a rewritten text and what it does to the old one:
//    1  is new and comes from where its predecessor came from;
//    0  takes the place of one old character;
//   -n  takes the place of one old character and swallows the n after it.
// This is how the reference library records alignments, so offsets agree with it.
struct CharEdit {
    std::uint32_t code_point = 0;
    int effect = 0;
};

// What becomes of the original bytes of a swallowed character.
enum class Swallowed {
    lost,          // no token covers them
    join_previous  // the character before them covers them
};

// Replaces the whole text by `edits`; the first `removed_in_front` old characters vanish.
void rewrite(AlignedText& aligned, std::span<const CharEdit> edits,
             std::size_t removed_in_front = 0, Swallowed swallowed = Swallowed::lost);

// Puts `prefix` in front; it comes from where the first character came from. Nothing happens to an
// empty text.
void prepend(AlignedText& aligned, std::string_view prefix);

// Replaces the bytes in each range of `matches` (ascending, not overlapping) by `content`, which
// comes from where the last character of the match came from.
void replace_matches(AlignedText& aligned, std::span<const ByteSpan> matches,
                     std::string_view content);

}  // namespace alluvium

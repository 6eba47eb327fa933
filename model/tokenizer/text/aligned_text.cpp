#include "model/tokenizer/text/aligned_text.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "base/utf8.h"

namespace alluvium {
namespace {

std::size_t skip_characters(std::string_view text, std::size_t at, std::size_t count) {
    for (; count > 0 && at < text.size(); --count) at += decode_utf8(text, at).bytes;
    return at;
}

// A span that was widened over swallowed characters ends where the next character's begins.
void trim_overlaps(std::vector<ByteSpan>& spans) {
    std::uint32_t next_begin = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t i = spans.size(); i-- > 0;) {
        spans[i].end = std::min(spans[i].end, next_begin);
        // The bytes of one character share a span and must keep sharing it.
        if (i > 0 && spans[i - 1].begin != spans[i].begin) next_begin = spans[i].begin;
    }
}

}  // namespace

void rewrite(AlignedText& aligned, std::span<const CharEdit> edits, std::size_t removed_in_front,
             Swallowed swallowed) {
    const AlignedText old = std::move(aligned);
    aligned = {};
    aligned.text.reserve(old.text.size());
    aligned.spans.reserve(old.text.size());
    std::size_t at = skip_characters(old.text, 0, removed_in_front);
    for (const CharEdit& edit : edits) {
        ByteSpan from;
        if (edit.effect > 0) {
            if (at > 0) {
                from = old.spans[at - 1];
            } else if (!old.spans.empty()) {
                from = {old.spans.front().begin, old.spans.front().begin};
            }
        } else {
            assert(at < old.text.size());
            from = old.spans[at];
            at = skip_characters(old.text, at, 1 + static_cast<std::size_t>(-edit.effect));
            if (swallowed == Swallowed::join_previous) from.end = old.spans[at - 1].end;
        }
        append_utf8(aligned.text, edit.code_point);
        aligned.spans.resize(aligned.text.size(), from);
    }
    if (swallowed == Swallowed::join_previous) trim_overlaps(aligned.spans);
}

void prepend(AlignedText& aligned, std::string_view prefix) {
    if (aligned.text.empty()) return;
    aligned.text.insert(0, prefix);
    aligned.spans.insert(aligned.spans.begin(), prefix.size(), aligned.spans.front());
}

void replace_matches(AlignedText& aligned, std::span<const ByteSpan> matches,
                     std::string_view content) {
    if (matches.empty()) return;
    AlignedText result;
    std::size_t kept = 0;
    const auto keep_until = [&](std::size_t end) {
        result.text.append(aligned.text, kept, end - kept);
        result.spans.insert(result.spans.end(),
                            aligned.spans.begin() + static_cast<std::ptrdiff_t>(kept),
                            aligned.spans.begin() + static_cast<std::ptrdiff_t>(end));
    };
    for (const ByteSpan& match : matches) {
        keep_until(match.begin);
        kept = match.end;
        ByteSpan from;
        if (match.end > 0) {
            from = aligned.spans[match.end - 1];
        } else if (!aligned.spans.empty()) {
            from = {aligned.spans.front().begin, aligned.spans.front().begin};
        }
        result.text += content;
        result.spans.resize(result.text.size(), from);
    }
    keep_until(aligned.text.size());
    aligned = std::move(result);
}

}  // namespace alluvium

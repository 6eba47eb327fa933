#include <algorithm>
#include <cmath>

#include "app/painters/text_layout.h"

namespace alluvium {
namespace {

// One cluster as laid out: its bytes, its place, and the line and direction it runs in.
struct Cluster {
    std::size_t begin = 0, end = 0;
    Rect rect;
    int line = 0;
    bool right_to_left = false;
};

// A piece of a cluster that belongs to one range.
struct Slice {
    std::size_t range = 0;
    double weight = 0;  // bytes of the cluster
};

double glyphs_width(const PangoGlyphString& glyphs, int first, int last) {
    // Right-to-left runs count backwards.
    const auto [low, high] = first < last ? std::pair(first, last) : std::pair(last + 1, first + 1);
    double width = 0;
    for (int g = low; g < high; ++g) width += from_pango(glyphs.glyphs[g].geometry.width);
    return width;
}

// The clusters of one run in reading order. PangoLayoutIter's own indices will not do: in
// right-to-left runs they name a cluster's last character.
void append_clusters(PangoLayoutRun* run, const char* text, const Rect& place, int line,
                     std::vector<Cluster>& out) {
    const bool right_to_left = run->item->analysis.level % 2 == 1;
    double done = 0;
    PangoGlyphItemIter iter;
    for (gboolean more = pango_glyph_item_iter_init_start(&iter, run, text); more;
         more = pango_glyph_item_iter_next_cluster(&iter)) {
        const double width = glyphs_width(*run->glyphs, iter.start_glyph, iter.end_glyph);
        Rect rect = place;
        rect.x += right_to_left ? place.width - done - width : done;
        rect.width = width;
        out.push_back({static_cast<std::size_t>(iter.start_index),
                       static_cast<std::size_t>(iter.end_index), rect, line, right_to_left});
        done += width;
    }
}

// In reading order: by their first byte.
std::vector<Cluster> clusters_of(PangoLayout* layout) {
    std::vector<Cluster> out;
    const char* text = pango_layout_get_text(layout);
    PangoLayoutIter* iter = pango_layout_get_iter(layout);
    const PangoLayoutLine* last_line = nullptr;
    int line = -1;
    do {
        PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter);
        const PangoLayoutLine* here = pango_layout_iter_get_line_readonly(iter);
        if (here != last_line) ++line;
        last_line = here;
        if (run == nullptr) continue;  // the end of a line
        PangoRectangle place, row;
        pango_layout_iter_get_run_extents(iter, nullptr, &place);
        pango_layout_iter_get_line_extents(iter, nullptr, &row);
        append_clusters(run, text,
                        {from_pango(place.x), from_pango(row.y), from_pango(place.width),
                         from_pango(row.height)},
                        line, out);
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
    std::stable_sort(out.begin(), out.end(),
                     [](const Cluster& a, const Cluster& b) { return a.begin < b.begin; });
    return out;
}

// [bytes of the text] -> the ranges that claim the byte, in reading order.
std::vector<std::vector<std::size_t>> claims_of(std::span<const ByteRange> ranges,
                                                std::size_t text_bytes) {
    std::vector<std::vector<std::size_t>> claims(text_bytes);
    for (std::size_t r = 0; r < ranges.size(); ++r)
        for (std::size_t b = ranges[r].begin; b < std::min(ranges[r].end, text_bytes); ++b)
            claims[b].push_back(r);
    return claims;
}

std::vector<Slice> slices_of(const Cluster& cluster,
                             const std::vector<std::vector<std::size_t>>& claims) {
    std::vector<Slice> slices;
    for (std::size_t b = cluster.begin; b < std::min(cluster.end, claims.size()); ++b) {
        for (const std::size_t range : claims[b]) {
            auto slice = std::find_if(slices.begin(), slices.end(),
                                      [range](const Slice& s) { return s.range == range; });
            if (slice == slices.end()) slice = slices.insert(slices.end(), Slice{range, 0});
            slice->weight += 1.0 / static_cast<double>(claims[b].size());
        }
    }
    return slices;
}

struct Strip {
    Rect rect;
    int line = 0;
    bool right_to_left = false;
};

// Lengthens the last strip where the new piece continues it.
void append(std::vector<Strip>& strips, const Strip& piece) {
    constexpr double kTouching = 0.01;
    if (!strips.empty()) {
        Strip& last = strips.back();
        const double gap = piece.right_to_left ? last.rect.x - piece.rect.x - piece.rect.width
                                               : piece.rect.x - last.rect.x - last.rect.width;
        if (last.line == piece.line && last.right_to_left == piece.right_to_left &&
            std::abs(gap) < kTouching) {
            last.rect.width += piece.rect.width;
            if (piece.right_to_left) last.rect.x = piece.rect.x;
            return;
        }
    }
    strips.push_back(piece);
}

void cut(const Cluster& cluster, const std::vector<Slice>& slices,
         std::vector<std::vector<Strip>>& out) {
    double total = 0;
    for (const Slice& s : slices) total += s.weight;
    double done = 0;
    for (const Slice& s : slices) {
        const double width = cluster.rect.width * s.weight / total;
        Rect rect = cluster.rect;
        rect.x += cluster.right_to_left ? cluster.rect.width - done - width : done;
        rect.width = width;
        append(out[s.range], {rect, cluster.line, cluster.right_to_left});
        done += width;
    }
}

}  // namespace

std::vector<std::vector<Rect>> byte_range_rects(const TextBlock& block,
                                                std::span<const ByteRange> ranges) {
    const LayoutPtr layout = make_layout(block);
    const auto claims = claims_of(ranges, block.text.size());
    std::vector<std::vector<Strip>> strips(ranges.size());
    for (const Cluster& cluster : clusters_of(layout.get()))
        cut(cluster, slices_of(cluster, claims), strips);

    std::vector<std::vector<Rect>> out(ranges.size());
    for (std::size_t r = 0; r < ranges.size(); ++r)
        for (const Strip& strip : strips[r]) out[r].push_back(strip.rect);
    return out;
}

}  // namespace alluvium

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

// In reading order: by their first byte.
std::vector<Cluster> clusters_of(PangoLayout* layout) {
    std::vector<Cluster> out;
    PangoLayoutIter* iter = pango_layout_get_iter(layout);
    const PangoLayoutLine* last_line = nullptr;
    int line = -1;
    do {
        const PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter);
        const PangoLayoutLine* here = pango_layout_iter_get_line_readonly(iter);
        if (here != last_line) ++line;
        last_line = here;
        if (run == nullptr) continue;  // the end of a line
        PangoRectangle place, row;
        pango_layout_iter_get_cluster_extents(iter, nullptr, &place);
        pango_layout_iter_get_line_extents(iter, nullptr, &row);
        out.push_back({static_cast<std::size_t>(pango_layout_iter_get_index(iter)),
                       static_cast<std::size_t>(run->item->offset + run->item->length),
                       {from_pango(place.x), from_pango(row.y), from_pango(place.width),
                        from_pango(row.height)},
                       line,
                       run->item->analysis.level % 2 == 1});
    } while (pango_layout_iter_next_cluster(iter));
    pango_layout_iter_free(iter);

    std::sort(out.begin(), out.end(),
              [](const Cluster& a, const Cluster& b) { return a.begin < b.begin; });
    // So far `end` is the run's; a cluster ends where the next one starts.
    for (std::size_t i = 0; i + 1 < out.size(); ++i)
        out[i].end = std::min(out[i].end, out[i + 1].begin);
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

#pragma once
// Which groups route alike, and whether that follows their families.
//
// Clusters: average linkage (UPGMA, Sokal and Michener 1958) on pairwise divergence. Agreement of a
// cut into as many clusters as there are families with the families: adjusted Rand index (Hubert
// and Arabie 1985), 1 the same partition, 0 in the mean by chance, may be negative. p: share of
// permuted family labels that agree at least as well, (1 + hits) / (1 + permutations).
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/estimate.h"
#include "base/grid.h"

namespace alluvium {

// Two clusters that become one. Numbers below the number of groups are groups, number G + i is what
// merge i made.
struct ClusterMerge {
    std::size_t left = 0, right = 0;
    double height = 0;  // mean distance between the members of both
};

// [G - 1], nearest first. `distance`: [G, G], symmetric, finite. Ties go to the lower numbers.
std::vector<ClusterMerge> average_linkage(const Grid<double>& distance);

// The groups as a tree without crossings has them, left before right.
std::vector<std::size_t> leaf_order(const std::vector<ClusterMerge>& merges);

// [G] cluster of each group, 0.., when the tree is cut into `clusters` (1 .. G).
std::vector<std::size_t> cut_tree(const std::vector<ClusterMerge>& merges, std::size_t clusters);

// Missing where both partitions put everything together or everything apart.
double adjusted_rand_index(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b);

struct FamilyAgreement {
    double ari = kMissing;
    double p = kMissing;
    std::size_t groups = 0, families = 0;  // with a known family
};

// `families`: [G], empty where unknown: such groups are left out. Missing for fewer than 4 groups,
// for one family, or a family each.
FamilyAgreement agreement_with_families(const Grid<double>& distance,
                                        const std::vector<std::string>& families,
                                        std::size_t permutations, std::uint64_t seed);

}  // namespace alluvium

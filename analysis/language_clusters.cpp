#include "analysis/language_clusters.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

double pairs(double n) {
    return n * (n - 1) / 2;
}

// Families as numbers in order of their names.
std::vector<std::size_t> numbered(const std::vector<std::string>& names) {
    std::map<std::string, std::size_t> number;
    for (const std::string& name : names) number.emplace(name, 0);
    std::size_t next = 0;
    for (auto& [name, n] : number) n = next++;
    std::vector<std::size_t> result;
    for (const std::string& name : names) result.push_back(number.at(name));
    return result;
}

}  // namespace

std::vector<ClusterMerge> average_linkage(const Grid<double>& distance) {
    const std::size_t groups = distance.rows();
    struct Cluster {
        std::size_t number;
        std::vector<std::size_t> members;
    };
    std::vector<Cluster> clusters;
    for (std::size_t g = 0; g < groups; ++g) clusters.push_back({g, {g}});
    const auto mean_distance = [&](const Cluster& a, const Cluster& b) {
        double total = 0;
        for (const std::size_t i : a.members) {
            for (const std::size_t j : b.members) total += distance(i, j);
        }
        return total / static_cast<double>(a.members.size() * b.members.size());
    };
    std::vector<ClusterMerge> merges;
    while (clusters.size() > 1) {
        std::size_t first = 0, second = 1;
        double nearest = mean_distance(clusters[0], clusters[1]);
        for (std::size_t a = 0; a < clusters.size(); ++a) {
            for (std::size_t b = a + 1; b < clusters.size(); ++b) {
                const double apart = mean_distance(clusters[a], clusters[b]);
                if (apart < nearest) {
                    first = a;
                    second = b;
                    nearest = apart;
                }
            }
        }
        merges.push_back({clusters[first].number, clusters[second].number, nearest});
        Cluster& joined = clusters[first];
        joined.number = groups + merges.size() - 1;
        joined.members.insert(joined.members.end(), clusters[second].members.begin(),
                              clusters[second].members.end());
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
    }
    return merges;
}

std::vector<std::size_t> leaf_order(const std::vector<ClusterMerge>& merges) {
    const std::size_t groups = merges.size() + 1;
    if (merges.empty()) return {0};
    std::vector<std::size_t> order, open = {groups + merges.size() - 1};
    while (!open.empty()) {
        const std::size_t node = open.back();
        open.pop_back();
        if (node < groups) {
            order.push_back(node);
        } else {
            open.push_back(merges[node - groups].right);
            open.push_back(merges[node - groups].left);
        }
    }
    return order;
}

std::vector<std::size_t> cut_tree(const std::vector<ClusterMerge>& merges, std::size_t clusters) {
    const std::size_t groups = merges.size() + 1;
    std::vector<std::size_t> root(groups + merges.size());
    std::iota(root.begin(), root.end(), std::size_t{0});
    // The last merges are the ones undone; a node points to what it became part of.
    for (std::size_t m = 0; m + clusters < groups; ++m) {
        root[merges[m].left] = root[merges[m].right] = groups + m;
    }
    std::map<std::size_t, std::size_t> number;
    std::vector<std::size_t> result;
    for (std::size_t g = 0; g < groups; ++g) {
        std::size_t node = g;
        while (root[node] != node) node = root[node];
        result.push_back(number.emplace(node, number.size()).first->second);
    }
    return result;
}

double adjusted_rand_index(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    std::map<std::pair<std::size_t, std::size_t>, double> both;
    std::map<std::size_t, double> in_a, in_b;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ++both[{a[i], b[i]}];
        ++in_a[a[i]];
        ++in_b[b[i]];
    }
    double together = 0, pairs_a = 0, pairs_b = 0;
    for (const auto& [cell, n] : both) together += pairs(n);
    for (const auto& [cluster, n] : in_a) pairs_a += pairs(n);
    for (const auto& [cluster, n] : in_b) pairs_b += pairs(n);
    const double expected = pairs_a * pairs_b / pairs(static_cast<double>(a.size()));
    const double most = (pairs_a + pairs_b) / 2;
    return most > expected ? (together - expected) / (most - expected) : kMissing;
}

FamilyAgreement agreement_with_families(const Grid<double>& distance,
                                        const std::vector<std::string>& families,
                                        std::size_t permutations, std::uint64_t seed) {
    std::vector<std::size_t> known;
    std::vector<std::string> names;
    for (std::size_t g = 0; g < families.size(); ++g) {
        if (families[g].empty()) continue;
        known.push_back(g);
        names.push_back(families[g]);
    }
    FamilyAgreement result;
    result.groups = known.size();
    result.families = std::set<std::string>(names.begin(), names.end()).size();
    if (result.groups < 4 || result.families < 2 || result.families == result.groups) return result;
    Grid<double> part(known.size(), known.size());
    for (std::size_t i = 0; i < known.size(); ++i) {
        for (std::size_t j = 0; j < known.size(); ++j) part(i, j) = distance(known[i], known[j]);
    }
    const auto clusters = cut_tree(average_linkage(part), result.families);
    std::vector<std::size_t> labels = numbered(names);
    result.ari = adjusted_rand_index(clusters, labels);
    SeededRandom random(seed, "families");
    std::size_t hits = 0;
    for (std::size_t i = 0; i < permutations; ++i) {
        random.shuffle(std::span(labels));
        hits += adjusted_rand_index(clusters, labels) >= result.ari - 1e-12;
    }
    result.p = static_cast<double>(1 + hits) / static_cast<double>(1 + permutations);
    return result;
}

}  // namespace alluvium

#include "analysis/matching.h"

#include <cassert>
#include <limits>

namespace alluvium {

// Potentials u, v keep every reduced cost gain-free of sign; column 0 is a place for the row that
// looks for a partner, so rows and columns count from 1.
std::vector<std::uint32_t> best_assignment(const Grid<double>& gain) {
    assert(gain.rows() == gain.cols());
    const std::size_t n = gain.rows();
    std::vector<double> u(n + 1, 0.0), v(n + 1, 0.0);
    std::vector<std::size_t> row_of(n + 1, 0), previous(n + 1, 0);
    for (std::size_t row = 1; row <= n; ++row) {
        std::vector<double> least(n + 1, std::numeric_limits<double>::infinity());
        std::vector<bool> visited(n + 1, false);
        std::size_t column = 0;
        row_of[0] = row;
        do {
            visited[column] = true;
            const std::size_t r = row_of[column];
            double delta = std::numeric_limits<double>::infinity();
            std::size_t next = 0;
            for (std::size_t c = 1; c <= n; ++c) {
                if (visited[c]) continue;
                const double cost = -gain(r - 1, c - 1) - u[r] - v[c];
                if (cost < least[c]) {
                    least[c] = cost;
                    previous[c] = column;
                }
                if (least[c] < delta) {
                    delta = least[c];
                    next = c;
                }
            }
            for (std::size_t c = 0; c <= n; ++c) {
                if (visited[c]) {
                    u[row_of[c]] += delta;
                    v[c] -= delta;
                } else {
                    least[c] -= delta;
                }
            }
            column = next;
        } while (row_of[column] != 0);
        while (column != 0) {
            row_of[column] = row_of[previous[column]];
            column = previous[column];
        }
    }
    std::vector<std::uint32_t> result(n);
    for (std::size_t c = 1; c <= n; ++c) result[row_of[c] - 1] = static_cast<std::uint32_t>(c - 1);
    return result;
}

}  // namespace alluvium

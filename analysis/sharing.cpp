#include "analysis/sharing.h"

#include <cmath>

#include "analysis/estimate.h"

namespace alluvium {

double sharing(const Grid<double>& shares) {
    double distance = 0, pairs = 0;
    for (std::size_t a = 0; a < shares.rows(); ++a) {
        for (std::size_t b = a + 1; b < shares.rows(); ++b) {
            const auto p = shares.row(a);
            const auto q = shares.row(b);
            double difference = 0;
            for (std::size_t e = 0; e < p.size(); ++e) difference += std::fabs(p[e] - q[e]);
            if (std::isnan(difference)) continue;
            distance += difference / 2;
            pairs += 1;
        }
    }
    return pairs > 0 ? 1 - distance / pairs : kMissing;
}

}  // namespace alluvium

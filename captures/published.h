#pragma once
#include <string>
#include <vector>

namespace alluvium {

// A row of the tables published with Apollo-MoE. Accuracy as a share; NaN where it is not legible.
struct PublishedRow {
    std::string model;
    double active_billions = 0;
    double major = 0;
    double minor = 0;
    std::string source;  // "Table 4"
};

// assets/published/apollo_moe.tsv, whose README.md says where the figures come from. UserError
// where it is missing or malformed.
std::vector<PublishedRow> published_rows();

// A published row that an experiment of `sweep` has a row for. Accuracy as above, on medical
// questions: another measure than a sweep's own.
struct PublishedSweepRow {
    std::string experiment, label;  // as in SweepRow
    std::string model;
    double major = 0;
    double minor = 0;
    std::string source;
};

// assets/published/apollo_moe_sweep.tsv; errors as above.
std::vector<PublishedSweepRow> published_sweep_rows();

}  // namespace alluvium

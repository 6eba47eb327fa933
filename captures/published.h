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

}  // namespace alluvium

#pragma once
// How the prompts hang together: what may be left out, resampled or permuted as one.
//
// A unit is a translation group, or a prompt that belongs to none. Where some unit holds several
// labels (a parallel corpus by language) all units form one stratum. Where every unit has one label
// (no translations, or by domain) units are strata within their label.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/grouping.h"
#include "analysis/token_selection.h"

namespace alluvium {

struct PromptUnits {
    std::vector<std::int32_t> labels;                 // [prompts], -1: not in the sample
    std::size_t groups = 0;                           // number of labels, empty ones included
    std::vector<std::vector<std::uint32_t>> prompts;  // of each unit
    std::vector<std::int32_t> stratum;                // [units], for analysis/jackknife.h
    bool crossed = false;                             // some unit holds several labels
    std::size_t present = 0;                          // labels with a prompt in the sample
    // Why nothing can be said about uncertainty; empty: it can.
    std::string no_interval;
    // Why labels cannot be permuted; empty: they can.
    std::string no_permutation;

    std::size_t size() const { return prompts.size(); }
    // "translation groups", "prompts"
    std::string unit_name() const;
    bool any_translation_group = false;
};

PromptUnits make_units(const PromptTable& table, const Grouping& grouping,
                       const TokenSelection& selection);

}  // namespace alluvium

#pragma once
// The values of a comparison, read once and then asked for every row. Private to analysis/slices.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "analysis/slices/slice.h"

namespace alluvium {

// False for NaN whatever the operator. UserError marks a value that is neither a number nor a
// range such as 0..7.
std::function<bool(double)> number_test(const Slice& slice, const SliceNode& comparison);

// The number that the whole text is, else NaN.
double number_in(const std::string& text);

// For columns of a few words: index of every value among `names`, in the order of the values.
// UserError marks a value that is not among them, and operators other than = and !=.
std::vector<std::size_t> chosen_words(const Slice& slice, const SliceNode& comparison,
                                      const std::vector<std::string>& names);

// Names of a flag's 0 and 1, twice over.
inline const std::vector<std::string> kPhaseWords = {"prompt", "generated", "0", "1"};
inline const std::vector<std::string> kSpecialWords = {"no", "yes", "0", "1"};

// Whether 0 and 1 of a flag are meant.
std::array<bool, 2> wanted_flags(const Slice& slice, const SliceNode& comparison,
                                 const std::vector<std::string>& words);

}  // namespace alluvium

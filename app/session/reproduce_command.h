#pragma once
#include <string>
#include <vector>

#include "app/session/figure_request.h"

namespace alluvium {

// The command line that makes the picture of `request` from its trace, or of a difference from its
// two, ready to be pasted in a shell.
std::string reproduce_command(const FigureRequest& request, const std::vector<std::string>& traces,
                              const std::string& output);

// `word` as one word of a POSIX shell.
std::string shell_quoted(const std::string& word);

}  // namespace alluvium

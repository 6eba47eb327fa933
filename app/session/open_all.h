#pragma once
#include <string>
#include <vector>

#include "app/session/session.h"

namespace alluvium {

// Opens checkpoints, traces and session files that were named together. Where no trace is shown
// yet, the first of them is A and the second B, whichever is read first, and more are only listed;
// else each goes where a single one would.
void open_all(Session& session, const std::vector<std::string>& paths);

}  // namespace alluvium

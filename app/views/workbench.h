#pragma once
#include <string>
#include <vector>

namespace alluvium {

struct WorkbenchOptions {
    std::vector<std::string> paths;  // checkpoints, traces, session files; opened in this order
    std::vector<std::string> listed = {};  // traces to have at hand: opened, but not shown
    bool tour = false;                     // offer the guided tour to who has not had it yet
};

// Opens the window and returns when it is closed; the program's exit code. UserError where there is
// no display or no OpenGL 3.3, or where the fonts are missing.
int run_workbench(const WorkbenchOptions& options);

class Session;

// What a drop onto the window does: `count` paths as GLFW hands them to its callback.
void open_dropped(Session& session, int count, const char** paths);

// Whether a window could be opened here at all; cheap.
bool has_display();

}  // namespace alluvium

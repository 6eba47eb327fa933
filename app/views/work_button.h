#pragma once
#include <string>

#include "app/views/ui.h"

namespace alluvium {

// A button over the whole width that starts work. While there is a `problem` it is greyed, and its
// tooltip says why. True where it was pressed.
bool start_button(const char* label, const std::string& problem);

// In its place while the job with this tag is under way: its progress, and a button `stop` that
// cancels it. False where there is no such job.
bool draw_work(Ui& ui, const std::string& tag, const char* stop);

}  // namespace alluvium

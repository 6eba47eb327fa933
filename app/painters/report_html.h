#pragma once
#include <filesystem>
#include <string>

#include "analysis/report/report.h"

namespace alluvium {

// One page that needs nothing beside it: styles and pictures (SVG) inside, light and dark as the
// reader's system is.
std::string report_html(const Report& report);

// By the file's ending: html, or md (analysis/report/report.h). The file appears whole or not at
// all. UserError on any other ending, RunError where writing fails.
void save_report(const Report& report, const std::filesystem::path& path);

// UserError unless save_report() knows the ending: to be asked before long work.
void check_report_path(const std::filesystem::path& path);

}  // namespace alluvium

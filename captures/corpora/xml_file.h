#pragma once
#include <string>

#include <pugixml.hpp>

namespace alluvium {

// Parses XML text; `source` names it in the UserError for malformed XML (line) or UTF-8.
pugi::xml_document parse_xml(const std::string& content, const std::string& source);

// All character data below a node, in document order.
std::string text_below(const pugi::xml_node& node);

}  // namespace alluvium

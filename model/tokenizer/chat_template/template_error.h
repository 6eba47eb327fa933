#pragma once
// What is wrong with a chat template, and where. ChatTemplate turns it into a UserError that names
// the file; nothing else sees it.
#include <stdexcept>
#include <string>

namespace alluvium::jinja {

class TemplateError : public std::runtime_error {
  public:
    TemplateError(int line, const std::string& what) : std::runtime_error(what), line_(line) {}
    int line() const { return line_; }  // from 1

  private:
    int line_;
};

}  // namespace alluvium::jinja

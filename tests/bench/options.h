#pragma once
#include <map>
#include <string>
#include <vector>

namespace alluvium::bench {

// "--name value" pairs and bare "--name" flags after one positional argument.
class Options {
  public:
    // UserError on an option that is not among `known` (name -> takes a value).
    Options(const std::vector<std::string>& words, const std::map<std::string, bool>& known);

    const std::string& positional() const { return positional_; }
    bool has(const std::string& name) const { return values_.contains(name); }
    std::string text(const std::string& name, const std::string& otherwise) const;
    int count(const std::string& name, int otherwise) const;

  private:
    std::string positional_;
    std::map<std::string, std::string> values_;
};

}  // namespace alluvium::bench

#include "tests/bench/options.h"

#include "base/error.h"

namespace alluvium::bench {

Options::Options(const std::vector<std::string>& words, const std::map<std::string, bool>& known) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with("--")) {
            if (!positional_.empty()) throw UserError("unexpected argument '" + words[i] + "'");
            positional_ = words[i];
            continue;
        }
        const auto found = known.find(words[i]);
        if (found == known.end()) throw UserError("unknown option '" + words[i] + "'");
        if (found->second && i + 1 == words.size()) throw UserError(words[i] + " needs a value");
        std::string& value = values_[words[i]];
        if (found->second) value = words[++i];
    }
}

std::string Options::text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
}

int Options::count(const std::string& name, int otherwise) const {
    return has(name) ? std::stoi(values_.at(name)) : otherwise;
}

}  // namespace alluvium::bench

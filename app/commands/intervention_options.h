#pragma once
// Options that say how routing is to be changed.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "model/capture/engine.h"
#include "model/intervene/intervene.h"

namespace alluvium {

// "fr,ar" -> {"fr", "ar"}; empty parts are left out.
std::vector<std::string> comma_list(const std::string& text);

// --ablate, --force, --boost and --swap, each as often as wanted: they act together. A setting
// (--how, --lambda, --layers, --positions, --languages) behind a change is for that change, one in
// front of the first change is for all.
class InterventionFlags {
  public:
    void add_to(CLI::App& command);
    bool given() const;
    // In the order given. UserError where no change is asked for, a setting stands behind a change
    // that has no such setting, or a list is wrong.
    std::vector<Intervention> parsed(const Engine& engine) const;

  private:
    struct Word {
        std::string option, value;
    };

    CLI::Option* add(CLI::App& command, const std::string& option, const std::string& help);

    std::vector<Word> words_;  // as they stand on the command line
};

}  // namespace alluvium

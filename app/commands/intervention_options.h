#pragma once
// Options that say how routing is to be changed.
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "model/capture/engine.h"
#include "model/intervene/intervene.h"

namespace alluvium {

// "fr,ar" -> {"fr", "ar"}; empty parts are left out.
std::vector<std::string> comma_list(const std::string& text);

class InterventionFlags {
  public:
    void add_to(CLI::App& command);
    bool given() const {
        return !(ablate_.empty() && boost_.empty() && force_.empty() && swap_.empty());
    }
    // UserError unless exactly one change is asked for; `swap` is filled in where it is --swap.
    Intervention parsed(const Engine& engine, std::optional<LanguageSwap>& swap) const;

  private:
    std::string ablate_, boost_, force_, swap_;
    std::string how_ = "reroute";
    std::string layers_, positions_, languages_;
    double lambda_ = 1.0;
};

}  // namespace alluvium

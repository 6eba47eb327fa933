#pragma once
// The options that every command which makes experts of a dense model shares.
#include <string>

#include <CLI/CLI.hpp>

#include "model/upcycle/upcycle.h"

namespace alluvium {

struct ExpertFlags {
    std::string experts_by = "none";
    UpcycleOptions upcycling;

    void add_to(CLI::App& command);

    UpcycleOptions parsed() const;
};

}  // namespace alluvium

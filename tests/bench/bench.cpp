// alluvium_bench ROW [ARGUMENTS]: one JSON object on standard output.
#include <array>
#include <iostream>

#include "base/error.h"
#include "tests/bench/gui.h"
#include "tests/bench/open_checkpoint.h"
#include "tests/bench/prefill.h"
#include "tests/bench/trace_write.h"

namespace {

using namespace alluvium;

struct Row {
    std::string_view name;
    Json (*run)(const std::vector<std::string>& words);
};

constexpr std::array kRows = {
    Row{"open", bench::open_checkpoint},
#ifdef ALLUVIUM_GUI
    Row{"gui", bench::gui},
#endif
    Row{"prefill", bench::prefill},
    Row{"trace-write", bench::trace_write},
};

int run(const std::vector<std::string>& words) {
    for (const Row& row : kRows) {
        if (words.empty() || row.name != words.front()) continue;
        std::cout << row.run({words.begin() + 1, words.end()}).dump() << "\n";
        return 0;
    }
    std::cerr << "usage: alluvium_bench ROW [ARGUMENTS], where ROW is one of";
    for (const Row& row : kRows) std::cerr << " " << row.name;
    std::cerr << "\n";
    return 2;
}

}  // namespace

int main(int argc, char** argv) try {
    return run({argv + 1, argv + argc});
} catch (const UserError& e) {
    std::cerr << "error: " << e.what() << "\nhint: " << e.hint() << "\n";
    return 2;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
}

// libFuzzer's entry to one of the targets, chosen when it is built (tests/fuzz/CMakeLists.txt).
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto& target = alluvium::test::fuzz_targets().at(ALLUVIUM_FUZZ_TARGET);
    alluvium::test::accepting_user_errors(
        [&] { target.read(std::as_bytes(std::span(data, size))); });
    return 0;
}

#pragma once
// Catch2 for tests that see torch. Torch's logging header has a CHECK macro of its own that aborts,
// and takes Catch2's away where it comes second; so it comes first here and is removed. Include
// this instead of <catch2/catch_test_macros.hpp>.
// clang-format off
#include <c10/util/Logging.h>
#undef CHECK
#include <catch2/catch_test_macros.hpp>
// clang-format on

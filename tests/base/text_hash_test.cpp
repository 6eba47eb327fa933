#include "base/text_hash.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

// Values of the authors' test suite (draft-eastlake-fnv).
TEST_CASE("the hash of a text is FNV-1a") {
    CHECK(text_hash("") == "cbf29ce484222325");
    CHECK(text_hash("a") == "af63dc4c8601ec8c");
    CHECK(text_hash("foobar") == "85944171f73967e8");
}

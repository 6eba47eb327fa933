#include "app/session/result_cache.h"

#include <catch2/catch_test_macros.hpp>

using alluvium::ResultCache;

namespace {

std::shared_ptr<const int> number(int value) {
    return std::make_shared<const int>(value);
}

}  // namespace

TEST_CASE("The result that was not asked for longest makes room") {
    ResultCache<int> cache(2);
    cache.put("a", number(1));
    cache.put("b", number(2));
    REQUIRE(cache.find("a"));
    cache.put("c", number(3));
    CHECK(cache.find("a"));
    CHECK_FALSE(cache.find("b"));
    CHECK(*cache.find("c") == 3);
    CHECK(cache.size() == 2);
}

TEST_CASE("A key holds its latest result") {
    ResultCache<int> cache(3);
    cache.put("a", number(1));
    cache.put("a", number(2));
    CHECK(*cache.find("a") == 2);
    CHECK(cache.size() == 1);
}

TEST_CASE("What belongs to a closed trace can be forgotten") {
    ResultCache<int> cache(4);
    cache.put("heatmap of t1", number(1));
    cache.put("heatmap of t2", number(2));
    cache.forget([](const std::string& key) { return key.ends_with("t1"); });
    CHECK_FALSE(cache.find("heatmap of t1"));
    CHECK(cache.find("heatmap of t2"));
}

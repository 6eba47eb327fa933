#include "model/checkpoint/safetensors.h"

#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/model/safetensors_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;

// The message of the UserError that reading gives, or "" where the file is accepted.
std::string complaint(const std::string& header, const std::string& data,
                      std::optional<std::uint64_t> length = {}) {
    const test::TemporaryFolder folder;
    const auto path = folder / "x.safetensors";
    test::write_raw(path, length.value_or(header.size()), header, data);
    const MappedFile file(path);
    try {
        read_safetensors_header(file.bytes(), path.string(), 0);
        return "";
    } catch (const UserError& e) {
        CHECK_THAT(e.what(), ContainsSubstring("x.safetensors"));
        return e.what();
    }
}

std::string one_tensor(const std::string& dtype, const std::string& shape,
                       const std::string& offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}}";
}

}  // namespace

TEST_CASE("A header gives every tensor's type, shape and place in the file", "[model]") {
    const test::TemporaryFolder folder;
    const auto path = folder / "x.safetensors";
    const std::string header = R"({"__metadata__":{"format":"pt"},)"
                               R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                               R"("b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}})";
    test::write_raw(path, header, std::string(10, 'x'));
    const MappedFile file(path);
    const TensorTable table = read_safetensors_header(file.bytes(), path.string(), 3);
    REQUIRE(table.size() == 2);
    CHECK(table.at("a").shape == std::vector<std::int64_t>{2, 1});
    CHECK(table.at("a").dtype->name == "F32");
    CHECK(table.at("a").offset == 8 + header.size());
    CHECK(table.at("b").offset == 8 + header.size() + 8);
    CHECK(table.at("b").bytes == 2);
    CHECK(table.at("b").elements() == 1);
    CHECK(table.at("b").shard == 3);
}

TEST_CASE("Damaged headers are refused with what is wrong", "[model]") {
    const std::string good = one_tensor("F32", "[2]", "[0,8]");
    const std::string data(8, 'x');
    REQUIRE(complaint(good, data).empty());

    CHECK_THAT(complaint(good, data, 1'000'000), ContainsSubstring("length is given as 1000000"));
    CHECK_THAT(complaint(good, data, ~std::uint64_t{0}), ContainsSubstring("length is given as"));
    CHECK_THAT(complaint(good, "xxxx"), ContainsSubstring("truncated"));
    CHECK_THAT(complaint("{nonsense", data), ContainsSubstring("no JSON object"));
    CHECK_THAT(complaint("[1,2]", data), ContainsSubstring("no JSON object"));
    CHECK_THAT(complaint(one_tensor("F31", "[2]", "[0,8]"), data),
               ContainsSubstring("unknown dtype 'F31'"));
    CHECK_THAT(complaint(one_tensor("F32", "[3]", "[0,8]"), data),
               ContainsSubstring("needs 12 bytes, its data_offsets hold 8"));
    CHECK_THAT(complaint(one_tensor("F32", "[-2]", "[0,8]"), data), ContainsSubstring("no count"));
    CHECK_THAT(complaint(one_tensor("F32", "\"2\"", "[0,8]"), data), ContainsSubstring("no shape"));
    CHECK_THAT(complaint(one_tensor("F32", "[2]", "[8,0]"), data),
               ContainsSubstring("no valid data_offsets"));
    CHECK_THAT(complaint(one_tensor("F32", "[2]", "[0]"), data),
               ContainsSubstring("no valid data_offsets"));
    CHECK_THAT(complaint(R"({"a":7})", data), ContainsSubstring("is no object"));
    CHECK_THAT(complaint(R"({"a":[7]})", data), ContainsSubstring("is no object"));
    CHECK_THAT(complaint("7", data), ContainsSubstring("no JSON object"));
    CHECK_THAT(complaint(good + "x", data), ContainsSubstring("no JSON object"));
    CHECK_THAT(complaint(one_tensor("F32", "[[2]]", "[0,8]"), data), ContainsSubstring("no count"));
    CHECK_THAT(complaint(one_tensor("F32", "[2.0]", "[0,8]"), data),
               ContainsSubstring("no count: 2.0"));
    CHECK_THAT(complaint(one_tensor("F32", "{\"b\":2}", "[0,8]"), data),
               ContainsSubstring("no shape"));
    CHECK_THAT(complaint(one_tensor("F32", "[2]", "[0,null,8]"), data),
               ContainsSubstring("no valid data_offsets"));
    CHECK_THAT(complaint(one_tensor("F32", "[2]", "[0,[8]]"), data),
               ContainsSubstring("no valid data_offsets"));
    CHECK_THAT(complaint(R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})", data),
               ContainsSubstring("no dtype"));
    const std::string entry = good.substr(1, good.size() - 2);
    CHECK_THAT(complaint("{" + entry + "," + entry + "}", data), ContainsSubstring("'a' twice"));
}

TEST_CASE("Metadata and keys that the format does not know are let be", "[model]") {
    const std::string data(8, 'x');
    CHECK(complaint(R"({"__metadata__":{"dtype":"F31","shape":[-1],"deep":{"data_offsets":[[]]}},)"
                    R"("a":{"by":{"dtype":"F31"},"dtype":"F32","shape":[2],"data_offsets":[0,8],)"
                    R"("note":[1,"x",{"shape":[9]}]}})",
                    data)
              .empty());
}

TEST_CASE("Sizes that overflow when multiplied are refused", "[model]") {
    CHECK_THAT(complaint(one_tensor("F32", "[4294967296,4294967296]", "[0,0]"), ""),
               ContainsSubstring("impossible shape"));
    CHECK_THAT(complaint(one_tensor("F32", "[2]", "[18446744073709551608,18446744073709551615]"),
                         "12345678"),
               ContainsSubstring("needs 8 bytes"));
}

TEST_CASE("Overlapping tensors are refused, touching and empty ones are not", "[model]") {
    const auto two = [](const std::string& first, const std::string& second) {
        return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
               R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}";
    };
    CHECK(complaint(two("[0,4]", "[4,8]"), std::string(8, 'x')).empty());
    CHECK_THAT(complaint(two("[0,4]", "[2,6]"), std::string(8, 'x')),
               ContainsSubstring("'a' and 'b' overlap"));
    CHECK_THAT(complaint(two("[3,7]", "[0,4]"), std::string(8, 'x')),
               ContainsSubstring("'b' and 'a' overlap"));
    CHECK(complaint(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},)"
                    R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                    "1234")
              .empty());
}

TEST_CASE("A file too short for any header is refused", "[model]") {
    const test::TemporaryFolder folder;
    const auto path = folder / "x.safetensors";
    std::ofstream(path) << "abc";
    const MappedFile file(path);
    CHECK_THROWS_AS(read_safetensors_header(file.bytes(), path.string(), 0), UserError);
    CHECK_THROWS_AS(read_safetensors_header({}, path.string(), 0), UserError);
}

}  // namespace alluvium

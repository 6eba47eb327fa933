// A pickle is a program; this reader runs none of it but the making of tensors.
#include "model/convert/pickle.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

std::map<std::string, PickledTensor> read(const std::string& program) {
    return read_pickled_tensors(std::as_bytes(std::span(program)), "file.bin");
}

void refused(const std::string& program, const std::string& named) {
    CAPTURE(program);
    CHECK_THROWS_MATCHES(read(program), UserError, MessageMatches(ContainsSubstring(named)));
}

std::string text(const std::string& words) {
    return "\x8c" + std::string(1, static_cast<char>(words.size())) + words;
}

// {"w": _rebuild_tensor_v2(storage of 6 f32, 0, (2, 3), (3, 1), False, {})}, written by hand.
std::string one_tensor(const std::string& storage_class = "FloatStorage",
                       const std::string& function = "ctorch._utils\n_rebuild_tensor_v2\n") {
    return "\x80\x02}" + text("w") + function + "((" + text("storage") + "ctorch\n" +
           storage_class + "\n" + text("0") + text("cpu") + "K\x06tQ" + "K" + std::string(1, '\0') +
           "K\x02K\x03\x86K\x03K\x01\x86\x89}tRs.";
}

}  // namespace

TEST_CASE("A dictionary of tensors is read") {
    const auto tensors = read(one_tensor());
    REQUIRE(tensors.size() == 1);
    CHECK(tensors.at("w") == PickledTensor{"0", "F32", 6, 0, {2, 3}, {3, 1}});
}

TEST_CASE("Whatever else a pickle could call is refused by name") {
    refused("cos\nsystem\n(" + text("echo") + "tR.", "'os.system'");
    refused("\x80\x04" + text("builtins") + text("eval") + "\x93(" + text("1") + "tR.",
            "'builtins.eval'");
    refused(one_tensor("FloatStorage", "ctorch._utils\n_rebuild_sparse_tensor\n"),
            "'torch._utils._rebuild_sparse_tensor'");
    refused(one_tensor("QInt8Storage"), "'torch.QInt8Storage'");
    refused("cnumpy.core.multiarray\n_reconstruct\n.", "'numpy.core.multiarray._reconstruct'");
    // Instructions that make objects of classes: INST, OBJ, NEWOBJ, EXT1.
    refused("(ios\nsystem\n.", "instruction 105");
    refused("(ccollections\nOrderedDict\no.", "instruction 111");
    refused("ccollections\nOrderedDict\n)\x81.", "instruction 129");
    refused("\x82\x01.", "instruction 130");
}

TEST_CASE("Malformed pickles are refused, whatever is wrong with them") {
    refused("", "cut short");
    refused("}", "cut short");
    refused(".", "not there");
    refused("}s.", "not there");
    refused("(t", "cut short");
    refused("t.", "not there");
    refused("h\x05.", "never stored");
    refused("]" + text("k") + "K\x01s.", "another kind");
    refused("X\xff\xff\xff\xff.", "cut short");
    refused("K\x01.", "no dictionary");
    refused("}.", "no tensor");
    // A mark protects what lies below it.
    refused("}(s.", "not there");
    // A list inside itself, and a million lists inside each other: neither is followed.
    refused(
        "]q\x01h\x01"
        "a.",
        "no dictionary");
    refused(std::string(1'000'000, ']') + std::string(999'999, 'a') + ".", "no dictionary");
    refused(std::string(5'000'000, ']') + ".", "more values");
}

TEST_CASE("Negative and absurd shapes are no tensors") {
    const std::string whole = one_tensor();
    const std::size_t shape = whole.find("K\x02K\x03\x86");
    REQUIRE(shape != std::string::npos);
    std::string negative = whole;
    negative.replace(shape, 2, "J\xff\xff\xff\xff");
    refused(negative, "no list of numbers");
    std::string uneven = whole;
    uneven.replace(shape, 5, "K\x02\x85");
    refused(uneven, "unknown way");
}

#pragma once
// As much of the protocol buffers wire format as reading a message takes.
// Source: https://protobuf.dev/programming-guides/encoding/
#include <cstdint>
#include <optional>
#include <string_view>

namespace alluvium {

struct ProtobufField {
    std::uint32_t number = 0;
    std::uint64_t value = 0;  // of a varint or a fixed-width field
    std::string_view bytes;   // of a length-delimited field

    float as_float() const;
};

// Goes through the fields of one message. UserError where the bytes are no message.
class ProtobufReader {
  public:
    explicit ProtobufReader(std::string_view message) : message_(message) {}
    // Nothing at the end.
    std::optional<ProtobufField> next();

  private:
    std::uint64_t take_varint();
    std::uint64_t take_fixed(std::size_t bytes);
    std::string_view take(std::uint64_t bytes);

    std::string_view message_;
};

}  // namespace alluvium

#include "model/tokenizer/sentencepiece/protobuf.h"

#include <bit>

#include "base/error.h"

namespace alluvium {
namespace {

[[noreturn]] void malformed() {
    throw UserError("it is not a SentencePiece model", "the file may be truncated; fetch it again");
}

}  // namespace

float ProtobufField::as_float() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::optional<ProtobufField> ProtobufReader::next() {
    if (message_.empty()) return std::nullopt;
    const std::uint64_t key = take_varint();
    ProtobufField field;
    field.number = static_cast<std::uint32_t>(key >> 3);
    switch (key & 7) {
        case 0:
            field.value = take_varint();
            break;
        case 1:
            field.value = take_fixed(8);
            break;
        case 2:
            field.bytes = take(take_varint());
            break;
        case 5:
            field.value = take_fixed(4);
            break;
        default:
            malformed();
    }
    return field;
}

std::uint64_t ProtobufReader::take_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(take(1).front());
        value |= std::uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80) return value;
    }
    malformed();
}

std::uint64_t ProtobufReader::take_fixed(std::size_t bytes) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char byte : take(bytes)) {
        value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
        shift += 8;
    }
    return value;
}

std::string_view ProtobufReader::take(std::uint64_t bytes) {
    if (bytes > message_.size()) malformed();
    const std::string_view taken = message_.substr(0, bytes);
    message_.remove_prefix(bytes);
    return taken;
}

}  // namespace alluvium

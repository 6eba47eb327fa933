#pragma once
// From tokens back to text.
#include <memory>
#include <string>
#include <vector>

#include "model/tokenizer/definition.h"

namespace alluvium {

// One step of decoding. Unlike the reference, which shows U+FFFD for them, bytes that are no whole
// character stay as they are: half a character can be joined with its other half later.
class TokenDecoder {
  public:
    virtual ~TokenDecoder() = default;
    virtual void apply(std::vector<std::string>& tokens) const = 0;
};

// UserError names the part that is not supported.
std::unique_ptr<const TokenDecoder> read_decoder(const DefinitionPart& part);

}  // namespace alluvium

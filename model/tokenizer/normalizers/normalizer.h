#pragma once
// First stage of a tokenizer: rewrites the text, keeping track of where it came from.
#include <memory>
#include <string_view>

#include "model/tokenizer/definition.h"
#include "model/tokenizer/text/aligned_text.h"

namespace alluvium {

class Normalizer {
  public:
    virtual ~Normalizer() = default;
    // False where apply() would leave `text` as it is: a cheap check that spares most texts the
    // bookkeeping.
    virtual bool changes(std::string_view text) const = 0;
    virtual void apply(AlignedText& aligned) const = 0;
};

// UserError names the part that is not supported.
std::unique_ptr<const Normalizer> read_normalizer(const DefinitionPart& part);

}  // namespace alluvium

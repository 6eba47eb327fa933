#pragma once
// Second stage of a tokenizer: cuts the text into the words that the model sees.
#include <memory>
#include <vector>

#include "model/tokenizer/definition.h"
#include "model/tokenizer/text/piece_list.h"

namespace alluvium {

class PreTokenizer {
  public:
    virtual ~PreTokenizer() = default;
    virtual void apply(PieceList& pieces) const = 0;
};

struct PreTokenizers {
    std::vector<std::unique_ptr<const PreTokenizer>> stages;  // in the order of application
    // The last stage would spell each byte as a character of the byte alphabet. It is left out of
    // `stages` because the word encoder does it for words that it has not seen before.
    bool spell_bytes = false;
};

// Cuts before every space mark that follows another character.
std::unique_ptr<const PreTokenizer> cut_before_space_marks();

// UserError names the part that is not supported.
PreTokenizers read_pre_tokenizers(const DefinitionPart& part);

}  // namespace alluvium

#pragma once
#include "model/tokenizer/normalizers/normalizer.h"

namespace alluvium {

enum class UnicodeForm { nfc, nfd, nfkc, nfkd };

// Unicode normalisation with the data of Unicode 9.0, which is what the reference library's tables
// hold: characters assigned later stay as they are.
class UnicodeFormNormalizer : public Normalizer {
  public:
    explicit UnicodeFormNormalizer(UnicodeForm form) : form_(form) {}
    bool changes(std::string_view text) const override;
    void apply(AlignedText& aligned) const override;

  private:
    UnicodeForm form_;
};

}  // namespace alluvium

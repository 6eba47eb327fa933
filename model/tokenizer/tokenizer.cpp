#include "model/tokenizer/tokenizer.h"

#include <limits>
#include <string>

#include "base/error.h"
#include "base/hub_cache.h"
#include "base/utf8.h"
#include "model/tokenizer/definition_files.h"
#include "model/tokenizer/pipeline.h"

namespace alluvium {
namespace {

void insert_special(Encoding& encoding, std::size_t at, const std::vector<std::uint32_t>& ids) {
    const auto put = [&](auto& values, auto value) {
        values.insert(values.begin() + static_cast<std::ptrdiff_t>(at), ids.size(), value);
    };
    encoding.ids.insert(encoding.ids.begin() + static_cast<std::ptrdiff_t>(at), ids.begin(),
                        ids.end());
    put(encoding.begin, 0u);
    put(encoding.end, 0u);
    put(encoding.special, std::uint8_t{1});
}

Pipeline make_pipeline(TokenizerFiles& files) {
    try {
        return Pipeline(std::move(files.parts));
    } catch (const UserError& e) {
        throw UserError(files.source + ": " + e.what(), e.hint());
    }
}

}  // namespace

struct Tokenizer::Impl {
    explicit Impl(TokenizerFiles files) : pipeline(make_pipeline(files)), id(std::move(files.id)) {
        if (files.bos) bos = pipeline.id_of(*files.bos);
        if (files.eos) eos = pipeline.id_of(*files.eos);
        if (!bos && !pipeline.frame().before.empty()) bos = pipeline.frame().before.front();
    }

    Pipeline pipeline;
    std::string id;
    std::optional<std::uint32_t> bos;
    std::optional<std::uint32_t> eos;
    mutable WordCachePool caches;
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::open(const std::filesystem::path& folder) {
    return Tokenizer(std::make_unique<Impl>(read_tokenizer_files(hub_snapshot(folder))));
}

Encoding Tokenizer::encode(std::string_view text, AddBos add_bos) const {
    if (text.size() >= std::numeric_limits<std::uint32_t>::max()) {
        throw UserError("a text of " + std::to_string(text.size()) + " bytes is too long",
                        "cut it into texts of less than 4 GiB");
    }
    if (const auto invalid = first_invalid_utf8(text)) {
        throw UserError("the text is not UTF-8 at byte " + std::to_string(*invalid),
                        "convert it to UTF-8");
    }
    const WordCachePool::Lease cache(impl_->caches);
    Encoding encoding = impl_->pipeline.encode(text, *cache);
    if (add_bos == AddBos::no) return encoding;
    const SpecialFrame& frame = impl_->pipeline.frame();
    insert_special(encoding, encoding.size(), frame.after);
    insert_special(encoding, 0, frame.before);
    if (add_bos == AddBos::yes) {
        if (!impl_->bos) {
            throw UserError("this tokenizer has no beginning-of-sequence token",
                            "leave --add-bos at auto");
        }
        if (encoding.ids.empty() || encoding.ids.front() != *impl_->bos) {
            insert_special(encoding, 0, {*impl_->bos});
        }
    }
    return encoding;
}

std::string Tokenizer::decode(const std::vector<std::uint32_t>& ids) const {
    return impl_->pipeline.decode(ids);
}

std::string Tokenizer::token_text(std::uint32_t id) const {
    return impl_->pipeline.token_text(id);
}
std::size_t Tokenizer::vocab_size() const {
    return impl_->pipeline.vocab_size();
}
std::string Tokenizer::kind() const {
    return impl_->pipeline.kind();
}
std::string Tokenizer::id() const {
    return impl_->id;
}
std::optional<std::uint32_t> Tokenizer::bos() const {
    return impl_->bos;
}
std::optional<std::uint32_t> Tokenizer::eos() const {
    return impl_->eos;
}

}  // namespace alluvium

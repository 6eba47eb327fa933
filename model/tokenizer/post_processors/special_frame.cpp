#include "model/tokenizer/post_processors/special_frame.h"

namespace alluvium {
namespace {

std::vector<std::uint32_t> ids_of_special(const DefinitionPart& part, const std::string& name) {
    const auto tokens = part.json().find("special_tokens");
    if (tokens == part.json().end() || !tokens->contains(name) ||
        !(*tokens)[name].contains("ids")) {
        part.malformed("special_tokens['" + name + "'].ids", "an array of token ids");
    }
    std::vector<std::uint32_t> ids;
    for (const Json& id : (*tokens)[name]["ids"]) {
        if (!id.is_number_unsigned()) part.malformed("special_tokens", "token ids");
        ids.push_back(id.get<std::uint32_t>());
    }
    return ids;
}

SpecialFrame read_template(const DefinitionPart& part) {
    SpecialFrame frame;
    bool after_text = false;
    for (const DefinitionPart& piece : part.parts("single")) {
        if (piece.has("Sequence")) {
            if (after_text || piece.json()["Sequence"].value("id", "A") != "A") {
                piece.unsupported("a template that is not one text between special tokens");
            }
            after_text = true;
        } else if (piece.has("SpecialToken")) {
            const DefinitionPart special(piece.json()["SpecialToken"], piece.place());
            const auto ids = ids_of_special(part, special.string("id"));
            auto& side = after_text ? frame.after : frame.before;
            side.insert(side.end(), ids.begin(), ids.end());
        } else {
            piece.malformed("", "a Sequence or a SpecialToken");
        }
    }
    if (!after_text) part.unsupported("a template without the text");
    return frame;
}

// RobertaProcessing and BertProcessing: ["<s>", 0] and ["</s>", 2].
std::uint32_t id_of_pair(const DefinitionPart& part, const char* key) {
    const auto pair = part.json().find(key);
    if (pair == part.json().end() || !pair->is_array() || pair->size() != 2 ||
        !(*pair)[1].is_number_unsigned()) {
        part.malformed(key, "a token and its id");
    }
    return (*pair)[1].get<std::uint32_t>();
}

SpecialFrame read_sequence(const DefinitionPart& part) {
    SpecialFrame frame;
    for (const DefinitionPart& member : part.parts("processors")) {
        const SpecialFrame next = read_special_frame(member);
        if (next.before.empty() && next.after.empty()) continue;
        if (!frame.before.empty() || !frame.after.empty()) {
            member.unsupported("a second post-processor that adds tokens");
        }
        frame = next;
    }
    return frame;
}

}  // namespace

SpecialFrame read_special_frame(const DefinitionPart& part) {
    const std::string type = part.type();
    if (type == "ByteLevel") return {};
    if (type == "TemplateProcessing") return read_template(part);
    if (type == "Sequence") return read_sequence(part);
    if (type == "RobertaProcessing" || type == "BertProcessing") {
        return {{id_of_pair(part, "cls")}, {id_of_pair(part, "sep")}};
    }
    part.unsupported("the post-processor '" + type + "'");
}

}  // namespace alluvium

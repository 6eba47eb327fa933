#pragma once
// A small trace in real languages and scripts, for tests of what shows traces. Early layers do not
// know the language, late ones do.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "captures/trace_data.h"
#include "tests/analysis/planted_trace.h"

namespace alluvium::test {

struct LanguageTrace {
    std::vector<std::string> languages = {"fr", "ar", "hi", "th", "zh", "he"};
    std::string checkpoint_id = "aaaa";
    std::size_t layers = 8;
    std::uint32_t experts = 12;
    std::uint64_t seed = 1;
    double pull = 0.8;  // of the language, in the last layer
};

// The sentence "Where does it hurt? The doctor is coming." for showing; nothing depends on its
// words.
inline std::string sample_sentence(const std::string& language) {
    if (language == "ar") return "أين يؤلمك؟ الطبيب قادم.";
    if (language == "hi") return "कहाँ दर्द हो रहा है? डॉक्टर आ रहे हैं।";
    if (language == "th") return "เจ็บตรงไหน หมอกำลังมา";
    if (language == "zh") return "哪里疼？医生马上就来。";
    if (language == "he") return "איפה כואב? הרופא בדרך.";
    return "Où avez-vous mal ? Le médecin arrive.";
}

// Ends of pieces of about `size` bytes that do not cut a character.
inline std::vector<std::uint32_t> pieces(const std::string& text, std::size_t size) {
    std::vector<std::uint32_t> ends;
    std::size_t at = 0, begin = 0;
    while (at < text.size()) {
        at += std::max<std::size_t>(1, decode_utf8(text, at).bytes);
        if (at - begin < size && at < text.size()) continue;
        ends.push_back(static_cast<std::uint32_t>(at));
        begin = at;
    }
    return ends;
}

inline TraceData language_trace_data(const LanguageTrace& plan) {
    PlantedTrace planted;
    planted.languages = plan.languages.size();
    planted.groups = 12;
    planted.tokens = 20;
    planted.layers = plan.layers;
    planted.experts = plan.experts;
    planted.seed = plan.seed;
    planted.pull = [&plan](double depth) { return depth < 0.6 ? 0.0 : plan.pull * depth; };
    TraceData data = planted_data(planted);
    data.header.model.name = "planted";
    data.header.model.checkpoint_id = plan.checkpoint_id;
    PromptTable& prompts = data.header.prompts;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        prompts.language[p] = plan.languages[p % plan.languages.size()];
        prompts.text[p] = sample_sentence(prompts.language[p]);
        const auto ends = pieces(prompts.text[p], 3);
        for (std::size_t t = 0; t < planted.tokens; ++t) {
            const std::size_t row = prompts.first_token[p] + t;
            data.tokens.byte_begin[row] = t == 0 ? 0 : ends[std::min(t, ends.size()) - 1];
            data.tokens.byte_end[row] = ends[std::min(t, ends.size() - 1)];
        }
    }
    return data;
}

inline std::string write_language_trace(const std::filesystem::path& path,
                                        const LanguageTrace& plan = {}) {
    write_trace(language_trace_data(plan), path.string());
    return path.string();
}

}  // namespace alluvium::test

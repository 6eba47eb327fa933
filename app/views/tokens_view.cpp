#include <algorithm>
#include <cmath>

#include <imgui.h>

#include "analysis/figures/numbers.h"
#include "app/views/any_text.h"
#include "app/views/choice_table.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

// Routed layer with this number, else the last one.
std::size_t routed_index(const TraceHeader& header, int layer) {
    for (std::size_t i = 0; i < header.layers.size(); ++i) {
        if (header.layers[i].layer == layer) return i;
    }
    return header.layers.size() - 1;
}

// Neighbouring experts get distant hues; identity comes from the number in the tooltip.
Color expert_color(ExpertId expert, bool dark) {
    constexpr float kGoldenRatio = 0.618034F;
    const float hue = std::fmod(static_cast<float>(expert) * kGoldenRatio, 1.0F);
    float r = 0, g = 0, b = 0;
    ImGui::ColorConvertHSVtoRGB(hue, dark ? 0.55F : 0.28F, dark ? 0.45F : 0.97F, r, g, b);
    const auto byte = [](float v) { return static_cast<std::uint8_t>(std::lround(v * 255)); };
    return {byte(r), byte(g), byte(b)};
}

bool chose(const StripToken& token, int expert) {
    return std::any_of(token.experts.begin(), token.experts.end(),
                       [expert](ExpertId e) { return e == expert; });
}

bool missing(const StripToken& token) {
    return token.experts.empty() || token.experts.front() == kMissingExpert;
}

class TokensView : public View {
  public:
    TokensView() : View(kTokens) {}

    void draw(Ui& ui) override {
        if (draw_live(ui)) return;
        const TraceDocument* document = ui.session.documents().trace(ui.session.view().a);
        if (document == nullptr) return footnote(ui, "Open a trace to see its tokens.");
        const TraceHeader& header = document->trace->header();
        if (header.kind != TraceKind::tokens || header.prompts.size() == 0) {
            return footnote(ui, "This trace holds counts only, no prompts.");
        }
        if (header.layers.empty()) return footnote(ui, kNoRouters);
        const std::size_t prompt = choose_prompt(ui, header.prompts);
        const std::size_t routed = routed_index(header, ui.session.view().selection.layer);
        const auto answer = ui.session.results().token_strip(*document, prompt, routed);
        if (!answer.result) return footnote(ui, "Reading...");
        explain(ui, *answer.result);
        draw_strip(ui, *answer.result);
        if (header.layers[routed].has_logits) draw_choice(ui, *document, *answer.result, routed);
    }

  private:
    // What is being generated, as far as it has come; false: nothing.
    bool draw_live(Ui& ui) {
        const LiveText* live = ui.session.live();
        if (live == nullptr) return false;
        const std::vector<std::size_t> begun = live->prompts();
        if (begun.empty()) return footnote(ui, "Reading the prompt..."), true;
        const bool chosen = std::find(begun.begin(), begun.end(), live_) != begun.end();
        if (!chosen) live_ = begun.front();
        for (std::size_t i = 0; begun.size() > 1 && i < begun.size(); ++i) {
            if (i > 0) ImGui::SameLine();
            const std::string label = std::to_string(begun[i] + 1);
            if (ImGui::RadioButton(label.c_str(), begun[i] == live_)) live_ = begun[i];
        }
        const auto strip = live->strip(live_, ui.session.view().selection.layer);
        if (!strip) return footnote(ui, "Reading the prompt..."), true;
        explain(ui, *strip);
        draw_strip(ui, *strip);
        return true;
    }

    // Returns the row that is shown.
    static std::size_t choose_prompt(Ui& ui, const PromptTable& prompts) {
        const std::size_t last = prompts.size() - 1;
        const std::size_t now = std::min(ui.session.view().prompt, last);
        std::size_t next = now;
        if (ImGui::ArrowButton("##before", ImGuiDir_Left) && now > 0) next = now - 1;
        ImGui::SameLine();
        if (ImGui::ArrowButton("##after", ImGuiDir_Right) && now < last) next = now + 1;
        ImGui::SameLine();
        ImGui::SetNextItemWidth(ui.px(260));
        if (ImGui::BeginCombo("##prompt", label(prompts, now).c_str())) {
            list_prompts(prompts, now, next);
            ImGui::EndCombo();
        }
        if (next != now) {
            ui.session.change_view(
                "show another prompt", [next](ViewState& view) { view.prompt = next; }, "prompt");
        }
        return next;
    }

    static void list_prompts(const PromptTable& prompts, std::size_t now, std::size_t& next) {
        ImGuiListClipper clipper;
        clipper.Begin(static_cast<int>(prompts.size()));
        while (clipper.Step()) {
            for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
                const auto row = static_cast<std::size_t>(i);
                ImGui::PushID(i);
                if (ImGui::Selectable(label(prompts, row).c_str(), row == now)) next = row;
                ImGui::PopID();
            }
        }
    }

    static std::string label(const PromptTable& prompts, std::size_t row) {
        return prompts.id[row] + "  " + group_name(prompts.language[row]);
    }

    static void explain(Ui& ui, const TokenStrip& strip) {
        const int expert = ui.session.view().selection.expert;
        const std::string where = "layer " + std::to_string(strip.layer) + ": ";
        const bool generated = std::any_of(strip.tokens.begin(), strip.tokens.end(),
                                           [](const StripToken& token) { return token.generated; });
        footnote(ui, (expert >= 0 ? where + "marked tokens chose expert " + std::to_string(expert)
                                  : where + "colour is the expert each token chose first") +
                         (generated ? "; underlined: said by the model" : ""));
    }

    void draw_strip(Ui& ui, const TokenStrip& strip) {
        TextBlock block;
        block.text = strip.text;
        block.style.size = ImGui::GetFontSize() / kLineOfEm * kLargeText;
        block.style.language = strip.language;
        block.width = std::max(ImGui::GetContentRegionAvail().x, 1.0F);
        lay_out(strip, block);
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const ImVec2 size = ui.gui.text().measure_block(block);
        ImGui::InvisibleButton("##strip", {std::max(size.x, 1.0F), std::max(size.y, 1.0F)});
        const bool hovered = ImGui::IsItemHovered();
        for (std::size_t t = 0; t < strip.tokens.size(); ++t) {
            draw_token(ui, strip.tokens[t], rects_[t], corner, list);
            if (!hovered || !under_pointer(rects_[t], corner)) continue;
            tooltip(ui, strip, t);
            if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) ui.state.token = strip.tokens[t].row;
        }
        ui.gui.text().draw_block(list, corner, block, ui.theme.text);
    }

    // Places of the tokens change with the strip and the width only.
    void lay_out(const TokenStrip& strip, const TextBlock& block) {
        const bool same = laid_out_text_ == block.text && laid_out_width_ == block.width &&
                          laid_out_size_ == block.style.size &&
                          rects_.size() == strip.tokens.size();
        if (same) return;
        std::vector<ByteRange> ranges;
        for (const StripToken& token : strip.tokens) ranges.push_back({token.begin, token.end});
        rects_ = byte_range_rects(block, ranges);
        laid_out_text_ = block.text;
        laid_out_width_ = block.width;
        laid_out_size_ = block.style.size;
    }

    static void draw_token(Ui& ui, const StripToken& token, const std::vector<Rect>& rects,
                           ImVec2 corner, ImDrawList& list) {
        const int expert = ui.session.view().selection.expert;
        Color color = ui.theme.missing;
        if (expert >= 0) {
            color = ui.theme.accent;
            color.a = chose(token, expert) ? 110 : 24;
        } else if (!missing(token)) {
            color = expert_color(token.experts.front(), ui.gui.dark());
        }
        for (const Rect& rect : rects) {
            const ImVec2 low(corner.x + static_cast<float>(rect.x),
                             corner.y + static_cast<float>(rect.y) + 1);
            const ImVec2 high(low.x + static_cast<float>(rect.width) - 1,
                              low.y + static_cast<float>(rect.height) - 2);
            list.AddRectFilled(low, high, to_im(color), ui.px(2));
            if (token.row == ui.state.token && !ui.session.live()) {
                list.AddRect(low, high, to_im(ui.theme.text), ui.px(2), ui.px(1.5F));
            }
            if (!token.generated) continue;
            list.AddLine({low.x, high.y}, high, to_im(ui.theme.muted), ui.px(1));
        }
    }

    // What the router made of the token that was clicked: raw logits beside what the choice went
    // by.
    static void draw_choice(Ui& ui, const TraceDocument& document, const TokenStrip& strip,
                            std::size_t routed) {
        const auto token =
            std::find_if(strip.tokens.begin(), strip.tokens.end(),
                         [&](const StripToken& t) { return t.row == ui.state.token; });
        if (token == strip.tokens.end()) {
            return footnote(ui, "Click a token to see what the router made of it.");
        }
        const auto answer = ui.session.results().choice(document, token->row);
        if (!answer.current) return footnote(ui, answer.under_way ? "Reading..." : "");
        choice_table(ui, (*answer.result)[routed]);
    }

    static bool under_pointer(const std::vector<Rect>& rects, ImVec2 corner) {
        const ImVec2 mouse = ImGui::GetMousePos();
        const Point at{mouse.x - corner.x, mouse.y - corner.y};
        return std::any_of(rects.begin(), rects.end(),
                           [at](const Rect& rect) { return rect.contains(at); });
    }

    static void tooltip(Ui& ui, const TokenStrip& strip, std::size_t index) {
        const StripToken& token = strip.tokens[index];
        if (!ImGui::BeginTooltip()) return;
        any_text(ui, std::string_view(strip.text).substr(token.begin, token.end - token.begin),
                 strip.language);
        ImGui::TextDisabled("token %zu, id %u", index, token.id);
        for (std::size_t slot = 0; slot < token.experts.size() && !missing(token); ++slot) {
            ImGui::Text("expert %d", token.experts[slot]);
            if (slot >= token.weights.size()) continue;
            ImGui::SameLine();
            ImGui::TextDisabled("weight %s", number_text(token.weights[slot]).c_str());
        }
        if (missing(token)) ImGui::TextUnformatted("routing missing");
        ImGui::EndTooltip();
    }

    std::size_t live_ = 0;  // the prompt that is looked at while texts are generated
    std::vector<std::vector<Rect>> rects_;
    std::string laid_out_text_;
    double laid_out_width_ = 0, laid_out_size_ = 0;
};

}  // namespace

std::unique_ptr<View> make_tokens_view() {
    return std::make_unique<TokensView>();
}

}  // namespace alluvium

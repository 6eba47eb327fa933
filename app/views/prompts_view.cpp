#include <algorithm>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/number_text.h"
#include "app/views/actions.h"
#include "app/views/any_text.h"
#include "app/views/view.h"
#include "app/views/work_button.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr int kPreviewLines = 4;
constexpr int kMostNewTokens = 4096;

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::string stem(const std::string& path) {
    return path.empty() ? "my own text" : std::filesystem::path(path).stem().string();
}

class PromptsView : public View {
  public:
    PromptsView() : View(kPrompts), builtin_(builtin_prompt_files()) {}

    void draw(Ui& ui) override {
        choice_ = ui.session.prompt_choice();
        const PromptChoice before = choice_;
        // Run stays in sight, whatever the lists above it need.
        const float below = ImGui::GetFrameHeightWithSpacing() * 2.2F;
        if (ImGui::BeginChild("##choice", {0, -below})) {
            draw_set(ui);
            choice_.set.empty() ? draw_own_text(ui) : draw_languages(ui);
        }
        ImGui::EndChild();
        if (!(choice_ == before)) ui.session.choose_prompts(choice_);
        draw_run(ui);
    }

  private:
    void draw_set(Ui& ui) {
        ImGui::SetNextItemWidth(-1);
        if (!ImGui::BeginCombo("##prompt set", stem(choice_.set).c_str())) return;
        for (const std::string& path : builtin_) {
            if (ImGui::Selectable(stem(path).c_str(), path == choice_.set)) take_set(path);
        }
        if (ImGui::Selectable("my own text", choice_.set.empty())) take_set({});
        ImGui::Separator();
        if (ImGui::Selectable("a prompt file...")) ask_for_file(ui);
        ImGui::EndCombo();
    }

    void take_set(const std::string& path) {
        choice_.set = path;
        choice_.languages.clear();
        choice_.groups = 0;
    }

    void ask_for_file(Ui& ui) {
        ui.state.picker.ask({.kind = PickKind::file,
                             .title = "Choose a prompt file (.txt, .tsv, .jsonl)",
                             .suggested = {},
                             .chosen = [&session = ui.session](const std::string& path) {
                                 PromptChoice choice = session.prompt_choice();
                                 choice.set = path;
                                 choice.languages.clear();
                                 choice.groups = 0;
                                 session.choose_prompts(choice);
                             }});
    }

    void draw_own_text(Ui& ui) {
        footnote(ui, "One prompt a line.");
        ImGui::InputTextMultiline("##own text", &choice_.own_text, {-1, ui.px(110)},
                                  ImGuiInputTextFlags_WordWrap);
        ImGui::SetNextItemWidth(-1);
        const std::string shown =
            choice_.own_language.empty() ? "language: not said" : group_name(choice_.own_language);
        if (ImGui::BeginCombo("##own language", shown.c_str())) {
            if (ImGui::Selectable("not said", choice_.own_language.empty())) {
                choice_.own_language.clear();
            }
            for (const Language& language : LanguageTable::instance().all()) {
                const bool is = language.code == choice_.own_language;
                if (ImGui::Selectable(group_name(language.code).c_str(), is)) {
                    choice_.own_language = language.code;
                }
            }
            ImGui::EndCombo();
        }
        // The field itself cannot join letters or turn lines; this shows the text as it is read.
        if (!choice_.own_text.empty()) any_paragraph(ui, choice_.own_text, choice_.own_language);
    }

    void draw_languages(Ui& ui) {
        const auto set = ui.session.prompt_set();
        if (!set) return footnote(ui, "Reading the prompt set...");
        draw_groups(ui, *set);
        draw_buttons(*set);
        for (const std::string& label : set->languages) draw_language(ui, *set, label);
        draw_preview(ui, *set);
    }

    void draw_groups(Ui& ui, const PromptSet& set) {
        if (set.groups == 0) return;
        int groups =
            choice_.groups == 0 ? static_cast<int>(set.groups) : static_cast<int>(choice_.groups);
        ImGui::SetNextItemWidth(ui.px(120));
        if (ImGui::SliderInt("sentences", &groups, 1, static_cast<int>(set.groups))) {
            choice_.groups =
                groups == static_cast<int>(set.groups) ? 0 : static_cast<std::uint32_t>(groups);
        }
        ImGui::SetItemTooltip("How many of the %u translated sentences to run", set.groups);
    }

    void draw_buttons(const PromptSet& set) {
        if (ImGui::Button("All languages")) choice_.languages.clear();
        ImGui::SameLine();
        if (ImGui::Button("Only the first")) choice_.languages = {set.languages.front()};
    }

    void draw_language(Ui& ui, const PromptSet& set, const std::string& label) {
        bool chosen = choice_.languages.empty() || contains(choice_.languages, label);
        if (ImGui::Checkbox(group_name(label).c_str(), &chosen)) toggle(set, label);
        if (const Language* language = LanguageTable::instance().find(label)) {
            ImGui::SameLine();
            any_text(ui, language->native_name, label, ui.theme.muted);
        }
    }

    void toggle(const PromptSet& set, const std::string& label) {
        std::vector<std::string> chosen =
            choice_.languages.empty() ? set.languages : choice_.languages;
        contains(chosen, label) ? static_cast<void>(std::erase(chosen, label))
                                : chosen.push_back(label);
        choice_.languages.clear();
        for (const std::string& candidate : set.languages) {
            if (contains(chosen, candidate)) choice_.languages.push_back(candidate);
        }
        if (choice_.languages.size() == set.languages.size()) choice_.languages.clear();
    }

    void draw_preview(Ui& ui, const PromptSet& set) {
        ImGui::SeparatorText("First prompts");
        int shown = 0;
        for (const Prompt& prompt : set.prompts) {
            if (!choice_.languages.empty() && !contains(choice_.languages, prompt.language))
                continue;
            any_paragraph(ui, prompt.text, prompt.language);
            ImGui::Dummy({0, ui.px(2)});
            if (++shown == kPreviewLines) break;
        }
    }

    void draw_run(Ui& ui) {
        if (draw_work(ui, Session::kRunTag, "Cancel")) return;
        const std::string problem = ui.session.why_not_run();
        if (start_button("Run  (Ctrl+Enter)", problem)) run_action(ui, "run");
        ImGui::SetNextItemWidth(ui.px(110));
        ImGui::InputInt("##new tokens", &new_tokens_, 8, 32);
        ImGui::SetItemTooltip("How many tokens the model may say behind each prompt");
        new_tokens_ = std::clamp(new_tokens_, 1, kMostNewTokens);
        ImGui::SameLine();
        if (!start_button("Generate", problem)) return;
        ui.session.generate(static_cast<std::uint32_t>(new_tokens_));
        ui.state.bring_to_front = {kTokens};
    }

    std::vector<std::string> builtin_;
    PromptChoice choice_;  // of this frame
    int new_tokens_ = 32;
};

}  // namespace

std::unique_ptr<View> make_prompts_view() {
    return std::make_unique<PromptsView>();
}

}  // namespace alluvium

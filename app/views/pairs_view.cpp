#include <algorithm>
#include <cmath>
#include <filesystem>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/pairs/language_request.h"
#include "analysis/pairs/other_script.h"
#include "app/session/reproduce_command.h"
#include "app/views/any_text.h"
#include "app/views/data_tooltip.h"
#include "app/views/exports.h"
#include "app/views/figure_canvas.h"
#include "app/views/form_layout.h"
#include "app/views/view.h"
#include "app/views/word_chips.h"
#include "app/views/work_button.h"
#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr double kSizeStep = 12;  // as figure_panel.cpp
constexpr double kLeastWidth = 300;

// One thing of a text is changed; which experts change with it stands beside the form.
class PairsView : public View {
  public:
    PairsView() : View(kPairs), sets_(builtin_prompt_files()) {
        for (const std::string& set : sets_) {
            if (std::filesystem::path(set).stem() == "majors") plan_.prompts = set;
        }
    }

    void draw(Ui& ui) override {
        plan_.checkpoint = ui.session.run_checkpoint();
        form_and_result(
            ui,
            [&] {
                draw_kind();
                plan_.kind == PairPlan::Kind::texts ? draw_texts(ui) : draw_languages(ui);
                draw_start(ui);
                draw_documents(ui);
            },
            [&] { draw_result(ui); }, ImGuiWindowFlags_NoScrollWithMouse);
    }

  private:
    void draw_kind() {
        using Kind = PairPlan::Kind;
        if (ImGui::RadioButton("Two texts", plan_.kind == Kind::texts)) plan_.kind = Kind::texts;
        ImGui::SetItemTooltip("A text, and the same text with one thing changed");
        ImGui::SameLine();
        if (ImGui::RadioButton("Read or written", plan_.kind == Kind::languages)) {
            plan_.kind = Kind::languages;
        }
        ImGui::SetItemTooltip(
            "Translated texts, each with the request to reply in either language: does routing go "
            "with the language read or with the one to be written?");
    }

    // ------------------------------------------------------------ two texts

    void draw_texts(Ui& ui) {
        PairTexts& texts = plan_.texts;
        draw_builtin(ui);
        text_field(ui, "##first text", texts.a);
        language_combo("##first language", texts.language_a);
        if (ImGui::Button("Duplicate")) {
            texts.b = texts.a;
            texts.language_b = texts.language_a;
            word_ = -1;
        }
        ImGui::SetItemTooltip("Then change one thing of the copy");
        ImGui::SameLine();
        draw_other_script();
        ImGui::SameLine();
        if (ImGui::Button("Ask for a language...")) ImGui::OpenPopup("##ask");
        ImGui::SetItemTooltip("Both texts ask for a reply, each in another language");
        draw_ask();
        text_field(ui, "##second text", texts.b);
        draw_words(ui);
    }

    // The field itself cannot join letters or turn lines; the text is shown again as it is read.
    static void text_field(Ui& ui, const char* id, std::string& text) {
        ImGui::InputTextMultiline(id, &text, {-1, ui.px(52)}, ImGuiInputTextFlags_WordWrap);
        const bool plain = std::all_of(text.begin(), text.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        if (!plain) any_paragraph(ui, text);
    }

    static void language_combo(const char* id, std::string& language) {
        ImGui::SetNextItemWidth(-1);
        const std::string shown = language.empty() ? "language: not said" : group_name(language);
        if (!ImGui::BeginCombo(id, shown.c_str())) return;
        if (ImGui::Selectable("not said", language.empty())) language.clear();
        for (const Language& known : LanguageTable::instance().all()) {
            if (ImGui::Selectable(group_name(known.code).c_str(), known.code == language)) {
                language = known.code;
            }
        }
        ImGui::EndCombo();
    }

    // A prompt of the set that is chosen in Prompts.
    void draw_builtin(Ui& ui) {
        const auto set = ui.session.prompt_set();
        ImGui::SetNextItemWidth(-1);
        ImGui::BeginDisabled(!set);
        if (ImGui::BeginCombo("##prompt of the set", "take a prompt of the set...",
                              ImGuiComboFlags_HeightLarge)) {
            for (std::size_t p = 0; set && p < set->prompts.size(); ++p) {
                const Prompt& prompt = set->prompts[p];
                if (!ImGui::Selectable((prompt.id + "##" + std::to_string(p)).c_str())) continue;
                plan_.texts = {prompt.text, prompt.text, prompt.language, prompt.language};
                group_ = prompt.group;
                word_ = -1;
            }
            ImGui::EndCombo();
        }
        ImGui::EndDisabled();
    }

    void draw_other_script() {
        const PairTexts& texts = plan_.texts;
        // Looked up when the text changes, not in every frame.
        if (script_of_ != texts.a + texts.language_a) {
            script_of_ = texts.a + texts.language_a;
            other_script_ = in_other_script(texts.a, texts.language_a);
        }
        ImGui::BeginDisabled(!other_script_);
        if (ImGui::Button("Other script") && other_script_) {
            plan_.texts.b = *other_script_;
            plan_.texts.language_b = texts.language_a;
            word_ = -1;
        }
        ImGui::EndDisabled();
        ImGui::SetItemTooltip(
            "Serbian between Cyrillic and Latin letters; other languages in Latin letters");
    }

    void draw_ask() {
        if (!ImGui::BeginPopup("##ask")) return;
        ImGui::TextUnformatted("A reply in the one, and in the other:");
        language_combo("##asked first", plan_.first);
        language_combo("##asked second", plan_.second);
        const bool ready = !plan_.texts.a.empty() && plan_.first != plan_.second &&
                           !plan_.first.empty() && !plan_.second.empty();
        ImGui::BeginDisabled(!ready);
        if (ImGui::Button("Write both texts")) {
            const std::string text = plan_.texts.a.substr(0, request_begin(plan_.texts.a));
            plan_.texts.a = with_request(text, plan_.first);
            plan_.texts.b = with_request(text, plan_.second);
            plan_.texts.language_b = plan_.texts.language_a;
            word_ = -1;
            ImGui::CloseCurrentPopup();
        }
        ImGui::EndDisabled();
        ImGui::EndPopup();
    }

    // Click a word of the second text, then write another one, or take one of a translation.
    void draw_words(Ui& ui) {
        std::string& text = plan_.texts.b;
        if (text.empty()) return;
        if (words_of_ != text) {
            words_of_ = text;
            words_ = split_words(text);
        }
        if (word_ >= static_cast<int>(words_.size())) word_ = -1;
        footnote(ui, "Click the word to change.");
        const int clicked = word_chips(ui, text, words_, word_, plan_.texts.language_b);
        if (clicked >= 0) word_ = clicked;
        if (word_ < 0) return;
        ImGui::SetNextItemWidth(ui.px(150));
        ImGui::InputTextWithHint("##instead", "another word", &instead_);
        ImGui::SameLine();
        ImGui::BeginDisabled(instead_.empty());
        if (ImGui::Button("Put it there")) put(instead_);
        ImGui::EndDisabled();
        draw_translation(ui);
    }

    void put(const std::string& instead) {
        const TextSpan& word = words_[static_cast<std::size_t>(word_)];
        plan_.texts.b.replace(word.word, word.end - word.word, instead);
        instead_.clear();
        word_ = -1;
    }

    // One code-switched word: those of the prompt's translations.
    void draw_translation(Ui& ui) {
        const auto set = ui.session.prompt_set();
        if (!set || group_.empty()) return;
        ImGui::SetNextItemWidth(-1);
        if (!ImGui::BeginCombo("##translation", "a word of a translation...")) return;
        for (const Prompt& prompt : set->prompts) {
            if (prompt.group != group_ || prompt.language == plan_.texts.language_b) continue;
            if (!ImGui::BeginMenu(group_name(prompt.language).c_str())) continue;
            const std::vector<TextSpan> words = split_words(prompt.text);
            const int clicked = word_chips(ui, prompt.text, words, -1, prompt.language);
            if (clicked >= 0) {
                const TextSpan& word = words[static_cast<std::size_t>(clicked)];
                put(prompt.text.substr(word.word, word.end - word.word));
                ImGui::CloseCurrentPopup();
            }
            ImGui::EndMenu();
        }
        ImGui::EndCombo();
    }

    // ------------------------------------------------------------ two languages

    void draw_languages(Ui& ui) {
        ImGui::SetNextItemWidth(-1);
        const std::string shown = std::filesystem::path(plan_.prompts).stem().string();
        if (ImGui::BeginCombo("##texts", shown.c_str())) {
            for (const std::string& set : sets_) {
                const std::string name = std::filesystem::path(set).stem().string();
                if (ImGui::Selectable(name.c_str(), set == plan_.prompts)) plan_.prompts = set;
            }
            ImGui::EndCombo();
        }
        ImGui::SetItemTooltip("Translated texts that come with the program");
        language_combo("##read and asked first", plan_.first);
        language_combo("##read and asked second", plan_.second);
        footnote(ui,
                 "Every text in both languages, with the request to reply in the one and in the "
                 "other: four prompts a text.");
    }

    // ------------------------------------------------------------ run and result

    void draw_start(Ui& ui) {
        if (draw_work(ui, Pairs::kTag, "Cancel")) return;
        // Looked at when the plan changes, not in every frame.
        if (const auto plan = pairs_arguments(plan_, {}); plan != checked_) {
            checked_ = plan;
            problem_ = why_not_pair(plan_);
        }
        if (start_button("Run the pair", problem_)) ui.session.pairs().start(plan_);
    }

    void draw_documents(Ui& ui) {
        ImGui::SeparatorText("Run");
        if (!ImGui::BeginChild("##documents")) return ImGui::EndChild();
        std::string gone;
        for (const PairDocument& document : ui.session.pairs().documents()) {
            ImGui::PushID(document.id.c_str());
            if (ImGui::SmallButton("x")) gone = document.id;
            ImGui::SameLine();
            const bool is = document.id == shown(ui);
            if (ImGui::Selectable("##shown", is)) shown_ = document.id;
            ImGui::SetItemTooltip("%s", document.id.c_str());
            ImGui::SameLine();
            any_text(ui, document.name);
            ImGui::PopID();
        }
        ImGui::EndChild();
        if (!gone.empty()) ui.session.pairs().forget(gone);
    }

    // The chosen one, else the last.
    std::string shown(const Ui& ui) const {
        const auto& documents = ui.session.pairs().documents();
        if (documents.size() > known_) return documents.back().id;
        if (ui.session.pairs().document(shown_) != nullptr) return shown_;
        return documents.empty() ? std::string() : documents.back().id;
    }

    void draw_result(Ui& ui) {
        const std::string id = shown(ui);
        known_ = ui.session.pairs().documents().size();
        const PairDocument* document = ui.session.pairs().document(id);
        if (document == nullptr) {
            return void(empty_state(
                ui,
                "Which experts change where one thing of a text is changed stands here, beside "
                "what edits change that leave all words.",
                nullptr));
        }
        shown_ = id;
        draw_tools(ui, *document);
        const ImVec2 room = ImGui::GetContentRegionAvail();
        const double points = room.x / (kPixelsPerPoint * ui.gui.scale());
        const double width = std::max(kLeastWidth, std::floor(points / kSizeStep) * kSizeStep);
        const auto figure = ui.session.pairs().figure(id, {width, ui.gui.dark()});
        if (!figure) return footnote(ui, "Drawing...");
        const CanvasEvent event = figure_canvas(ui, {"pairs", "pairs", {}}, *figure, room);
        if (event.hovered == nullptr) return;
        data_tooltip(ui, *event.hovered);
        if (event.clicked) {
            Selection selection = ui.session.view().selection;
            selection.layer = event.hovered->layer;
            ui.session.select(selection);
        }
    }

    static void draw_tools(Ui& ui, const PairDocument& document) {
        if (ImGui::Button("Save...")) {
            ui.state.picker.ask({.kind = PickKind::save,
                                 .title = "Save the pair",
                                 .suggested = "pair.svg",
                                 .chosen = [&session = ui.session,
                                            result = document.result](const std::string& path) {
                                     save_pair_figure(session, result, path);
                                 }});
        }
        ImGui::SetItemTooltip("As SVG, PDF or PNG; its numbers as CSV");
        ImGui::SameLine();
        if (ImGui::Button("Copy...")) ImGui::OpenPopup("##copy");
        if (ImGui::BeginPopup("##copy")) {
            draw_copy(document);
            ImGui::EndPopup();
        }
        ImGui::SameLine();
        if (ImGui::Button("Open the capture")) ui.session.open(document.id);
        ImGui::SetItemTooltip("Its texts, token by token, in all views");
    }

    static void draw_copy(const PairDocument& document) {
        if (ImGui::MenuItem("As command")) {
            std::string line = "alluvium";
            for (const std::string& word : pairs_arguments(document.plan, "pair.svg")) {
                line += " " + shell_quoted(word);
            }
            ImGui::SetClipboardText(line.c_str());
        }
        if (ImGui::MenuItem("The sentence")) {
            ImGui::SetClipboardText(sentence_of(*document.result).c_str());
        }
    }

    std::vector<std::string> sets_;
    PairPlan plan_;
    std::vector<std::string> checked_;
    std::string problem_ = why_not_pair({});  // of what was checked
    std::string group_;                       // of the prompt that was taken
    std::string script_of_, words_of_;        // what the two next were made of
    std::optional<std::string> other_script_;
    std::vector<TextSpan> words_;
    int word_ = -1;  // chosen, of the second text
    std::string instead_;
    std::string shown_;
    std::size_t known_ = 0;  // documents there were in the last frame
};

}  // namespace

std::unique_ptr<View> make_pairs_view() {
    return std::make_unique<PairsView>();
}

}  // namespace alluvium

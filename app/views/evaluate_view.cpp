#include <algorithm>
#include <cmath>
#include <set>

#include <imgui.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"
#include "app/views/file_list.h"
#include "app/views/form_layout.h"
#include "app/views/view.h"
#include "app/views/work_button.h"
#include "captures/published.h"

namespace alluvium {
namespace {

using Kind = EvaluationPlan::Kind;

constexpr auto kTableFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                             ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY |
                             ImGuiTableFlags_ScrollX | ImGuiTableFlags_Resizable;

std::string score_text(const Score& score) {
    if (!std::isfinite(score.value)) return "missing";
    std::string text = fixed_text(score.value, 3);
    if (std::isfinite(score.low) && std::isfinite(score.high)) {
        text += " [" + fixed_text(score.low, 3) + ", " + fixed_text(score.high, 3) + "]";
    }
    return text;
}

// Scores checkpoints and shows the results per language, beside what others have published.
class EvaluateView : public View {
  public:
    EvaluateView() : View(kEvaluate) {}

    void draw(Ui& ui) override {
        form_and_result(
            ui,
            [&] {
                draw_plan(ui);
                draw_documents(ui);
            },
            [&] { draw_results(ui); });
    }

  private:
    void draw_plan(Ui& ui) {
        ImGui::SeparatorText("New evaluation");
        plan_.checkpoint = ui.session.run_checkpoint();
        const CheckpointDocument* document = ui.session.documents().checkpoint(plan_.checkpoint);
        if (document == nullptr) {
            footnote(ui, "Open a checkpoint folder to score it.");
        } else {
            ImGui::Text("Score %s", document->name.c_str());
            ImGui::SetItemTooltip("The checkpoint chosen in Project");
        }
        kind_button("Topics", Kind::topics, "Which topic a text has (column domain of a .tsv)");
        ImGui::SameLine();
        kind_button("Nats per byte", Kind::texts, "How well texts are predicted; lower is better");
        ImGui::SameLine();
        kind_button("Questions", Kind::questions, "Multiple choice: .json, .jsonl, .tsv");
        file_list(ui, "Files", "What is scored, with its languages", plan_.files);
        if (plan_.kind == Kind::questions) draw_question_options();
        ImGui::Checkbox("the text's language chooses the expert", &plan_.language_given);
        ImGui::SetItemTooltip("For models trained with lang-spec, whose routers learnt nothing");
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputInt("records of each file", &plan_.limit, 10, 100);
        ImGui::SetItemTooltip("0: all");
        plan_.limit = std::max(plan_.limit, 0);
        draw_start(ui);
    }

    void kind_button(const char* label, Kind kind, const char* says) {
        if (ImGui::RadioButton(label, plan_.kind == kind)) plan_.kind = kind;
        ImGui::SetItemTooltip("%s", says);
    }

    void draw_question_options() {
        ImGui::Checkbox("as the published evaluation asks", &plan_.published_protocol);
        ImGui::SetItemTooltip("Apollo-MoE's prompts with three solved questions, greedy answer");
        ImGui::BeginDisabled(plan_.published_protocol);
        ImGui::Checkbox("by the option's letter, not its text", &plan_.by_letter);
        ImGui::EndDisabled();
    }

    void draw_start(Ui& ui) {
        if (draw_work(ui, Evaluations::kTag, "Stop")) return;
        const std::string problem = why_not_evaluate(plan_);
        if (start_button("Start evaluation", problem)) ui.session.evaluations().start(plan_);
    }

    static void draw_documents(Ui& ui) {
        ImGui::SeparatorText("Scores");
        if (ImGui::Button("Open scores...")) {
            ui.state.picker.ask(
                {.kind = PickKind::file,
                 .title = "Open what 'alluvium evaluate --json' wrote",
                 .suggested = {},
                 .chosen = [&s = ui.session](const std::string& path) { s.open(path); }});
        }
        const std::vector<ScoreDocument> documents = ui.session.evaluations().documents();
        for (const ScoreDocument& document : documents) {
            ImGui::PushID(document.id.c_str());
            bool shown = document.shown;
            if (ImGui::SmallButton("x")) ui.session.evaluations().forget(document.id);
            ImGui::SameLine();
            if (ImGui::Checkbox(document.name.c_str(), &shown)) {
                ui.session.evaluations().show(document.id, shown);
            }
            ImGui::SetItemTooltip("%s", document.id.c_str());
            ImGui::PopID();
        }
    }

    // ---- results

    void draw_results(Ui& ui) {
        std::vector<const ScoreDocument*> shown;
        std::vector<std::string> measures;
        for (const ScoreDocument& document : ui.session.evaluations().documents()) {
            if (!document.shown) continue;
            shown.push_back(&document);
            for (const ScoreTable& table : document.file->tables) {
                if (std::find(measures.begin(), measures.end(), table.measure) == measures.end()) {
                    measures.push_back(table.measure);
                }
            }
        }
        if (measures.empty()) {
            return void(empty_state(
                ui, "The scores of every language stand here, one column per checkpoint.",
                nullptr));
        }
        if (std::find(measures.begin(), measures.end(), measure_) == measures.end()) {
            measure_ = measures.front();
        }
        for (const std::string& measure : measures) {
            if (ImGui::RadioButton(measure.c_str(), measure_ == measure)) measure_ = measure;
            ImGui::SameLine();
        }
        if (ImGui::Button("Copy as CSV")) ImGui::SetClipboardText(csv(shown).c_str());
        footnote(ui, measure_ == "nats per byte"
                         ? "Lower is better. In brackets: 95 % interval, bootstrap over texts."
                         : "Share of right answers. In brackets: 95 % interval (Wilson; averages: "
                           "bootstrap over questions).");
        const bool questions = measure_ == "questions";
        const float published = questions ? ImGui::GetContentRegionAvail().y * 0.4F : 0;
        draw_table(shown, -published);
        if (questions) draw_published(ui, shown);
    }

    std::vector<std::string> languages(const std::vector<const ScoreDocument*>& shown) const {
        std::set<std::string> all;
        for (const ScoreDocument* document : shown) {
            const ScoreTable* table = document->file->find(measure_);
            if (table == nullptr) continue;
            for (const LanguageScore& score : table->languages) all.insert(score.language);
        }
        return {all.begin(), all.end()};
    }

    static std::string cell(const ScoreTable* table, const std::string& language) {
        const LanguageScore* score = table == nullptr ? nullptr : table->find(language);
        if (score == nullptr) return "";
        std::string text = score_text(score->score) + "  n " + thousands_text(score->score.size);
        if (score->invalid > 0) text += ", " + thousands_text(score->invalid) + " invalid";
        if (score->unanswered > 0) text += ", " + thousands_text(score->unanswered) + " no answer";
        return text;
    }

    static std::string average(const std::optional<Score>& score) {
        if (!score) return "";
        return score_text(*score) + "  " + std::to_string(score->size) + " languages";
    }

    void draw_table(const std::vector<const ScoreDocument*>& shown, float height) const {
        const int columns = static_cast<int>(shown.size()) + 1;
        if (!ImGui::BeginTable("##scores", columns, kTableFlags, {0, height})) return;
        ImGui::TableSetupScrollFreeze(1, 1);
        ImGui::TableSetupColumn("Language");
        for (const ScoreDocument* document : shown) {
            ImGui::TableSetupColumn(document->name.c_str());
        }
        ImGui::TableHeadersRow();
        const auto row = [&](const std::string& name, const auto& text) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(name.c_str());
            for (const ScoreDocument* document : shown) {
                ImGui::TableNextColumn();
                const ScoreTable* table = document->file->find(measure_);
                ImGui::TextUnformatted(table == nullptr ? "" : text(*table).c_str());
            }
        };
        row("Average", [](const ScoreTable& t) { return average(t.average); });
        row("Major languages", [](const ScoreTable& t) { return average(t.major); });
        row("Minor languages", [](const ScoreTable& t) { return average(t.minor); });
        if (measure_ != "nats per byte") {
            row("Guessing",
                [](const ScoreTable& t) { return t.guessing ? fixed_text(*t.guessing, 3) : ""; });
            row("Always the most frequent answer", [](const ScoreTable& t) {
                return t.most_frequent ? fixed_text(*t.most_frequent, 3) : "";
            });
        }
        for (const std::string& language : languages(shown)) {
            row(group_name(language),
                [&](const ScoreTable& table) { return cell(&table, language); });
        }
        ImGui::EndTable();
    }

    // One row per language and checkpoint.
    std::string csv(const std::vector<const ScoreDocument*>& shown) const {
        std::string text = "checkpoint,measure,language,n,value,low,high\n";
        for (const ScoreDocument* document : shown) {
            const ScoreTable* table = document->file->find(measure_);
            if (table == nullptr) continue;
            for (const LanguageScore& s : table->languages) {
                text += document->name + "," + measure_ + "," + s.language + "," +
                        std::to_string(s.score.size);
                for (const double v : {s.score.value, s.score.low, s.score.high}) {
                    text += "," + (std::isfinite(v) ? fixed_text(v, 6) : std::string());
                }
                text += "\n";
            }
        }
        return text;
    }

    void draw_published(Ui& ui, const std::vector<const ScoreDocument*>& shown) {
        if (published_.empty()) published_ = published_rows();
        ImGui::SeparatorText("Published with Apollo-MoE (arXiv 2410.10626)");
        const bool comparable = std::all_of(
            shown.begin(), shown.end(),
            [](const ScoreDocument* document) { return document->file->score == "apollo"; });
        footnote(ui,
                 comparable
                     ? "Their own test questions, put in the same way: compare only with scores "
                       "on those questions."
                     : "Not comparable with scores above that were asked in another way: their "
                       "protocol puts three solved questions in front and reads a letter.");
        if (!ImGui::BeginTable("##published", 5, kTableFlags)) return;
        for (const char* name :
             {"Model", "Billions of parameters for a token", "Major", "Minor", "Source"}) {
            ImGui::TableSetupColumn(name);
        }
        ImGui::TableSetupScrollFreeze(1, 1);
        ImGui::TableHeadersRow();
        const auto number = [](double value, int digits) {
            ImGui::TableNextColumn();
            if (std::isfinite(value)) ImGui::TextUnformatted(fixed_text(value, digits).c_str());
        };
        for (const PublishedRow& published : published_) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(published.model.c_str());
            number(published.active_billions, 2);
            number(published.major, 3);
            number(published.minor, 3);
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(published.source.c_str());
        }
        ImGui::EndTable();
    }

    EvaluationPlan plan_;
    std::string measure_;
    std::vector<PublishedRow> published_;
};

}  // namespace

std::unique_ptr<View> make_evaluate_view() {
    return std::make_unique<EvaluateView>();
}

}  // namespace alluvium

#include "app/views/exports.h"

#include <algorithm>

#include <imgui.h>

#include "analysis/figures/pair_figure.h"
#include "analysis/figures/training_figure.h"
#include "app/painters/cairo_painter.h"
#include "app/session/reproduce_command.h"
#include "base/files.h"

namespace alluvium {
namespace {

std::string suggested_name(FigureKind kind, const TraceDocument& document,
                           const std::string& ending) {
    return document.name + "-" + to_string(kind) + "." + ending;
}

void save_as(const std::filesystem::path& to, const std::function<Figure()>& draw) {
    if (to.extension() == ".csv") return write_file_atomically(to, figure_csv(draw()));
    check_figure_path(to);
    save_figure(draw(), to);
}

// What a difference subtracts; nullptr: the kind needs none, or it is not open.
const TraceDocument* subtracted(const Session& session, FigureKind kind) {
    if (kind != FigureKind::difference) return nullptr;
    return session.documents().trace(session.view().b);
}

std::vector<std::string> inputs(const Session& session, FigureKind kind,
                                const TraceDocument& document) {
    std::vector<std::string> paths = {document.id};
    if (const TraceDocument* other = subtracted(session, kind)) paths.push_back(other->id);
    return paths;
}

}  // namespace

FigureRequest paper_request(const Session& session, FigureKind kind) {
    const ViewState& view = session.view();
    return {.kind = kind,
            .panel = "paper " + to_string(kind),
            .width = 0,
            .height = 0,
            .dark = false,
            .groups = view.groups,
            .measure = view.measure,
            .sort = parse_expert_sort(view.order),
            .options = session.analysis_options()};
}

void export_figure(Session& session, FigureKind kind, const TraceDocument& document,
                   const std::string& path) {
    const FigureRequest request = paper_request(session, kind);
    std::vector<AnalysisPtr> analyses;
    for (const std::string& input : inputs(session, kind, document)) {
        analyses.push_back(session.analysis(input).result);
    }
    const bool needs_two = kind == FigureKind::difference;
    if (std::ranges::count(analyses, nullptr) > 0 || analyses.size() != (needs_two ? 2 : 1)) {
        session.tell({"Save " + path, "the analysis is not finished yet", "try again in a moment"});
        return;
    }
    session.export_to(path, [request, analyses](const std::filesystem::path& to) {
        const Analysis* other = analyses.size() > 1 ? analyses[1].get() : nullptr;
        save_as(to, [&] { return build_figure(request, *analyses[0], other, pango_meter()); });
    });
}

void save_training_figure(Session& session, const std::string& path) {
    session.export_to(path, [runs = session.training().shown_runs()](const auto& to) {
        save_as(to, [&] { return training_figure(runs, {}, light_theme(), pango_meter()); });
    });
}

void save_pair_figure(Session& session, std::shared_ptr<const PairResult> result,
                      const std::string& path) {
    session.export_to(path, [result = std::move(result)](const auto& to) {
        save_as(to, [&] { return pair_figure(*result, {}, light_theme(), pango_meter()); });
    });
}

void ask_and_export(Ui& ui, FigureKind kind, const TraceDocument& document,
                    const std::string& ending) {
    ui.state.picker.ask(
        {.kind = PickKind::save,
         .title = ending == "csv" ? "Save numbers" : "Save picture",
         .suggested = suggested_name(kind, document, ending),
         .chosen = [&session = ui.session, kind, document](const std::string& path) {
             export_figure(session, kind, document, path);
         }});
}

void ask_and_export_trace(Ui& ui, const TraceDocument& document) {
    ui.state.picker.ask(
        {.kind = PickKind::save,
         .title = "Save a copy of the trace",
         .suggested = document.name + "-copy.h5",
         .chosen = [&session = ui.session, id = document.id](const std::string& path) {
             session.export_trace(id, path);
         }});
}

void export_menu(Ui& ui, FigureKind kind, const TraceDocument& document) {
    for (const char* ending : {"svg", "pdf", "png"}) {
        const std::string label = std::string("Picture as ") + ending + "...";
        if (ImGui::MenuItem(label.c_str())) ask_and_export(ui, kind, document, ending);
    }
    if (ImGui::MenuItem("Numbers as csv...")) ask_and_export(ui, kind, document, "csv");
    if (ImGui::MenuItem("Copy of the trace...")) ask_and_export_trace(ui, document);
    ImGui::Separator();
    if (ImGui::MenuItem("Copy as command")) {
        const std::string command =
            reproduce_command(paper_request(ui.session, kind), inputs(ui.session, kind, document),
                              suggested_name(kind, document, "svg"));
        ImGui::SetClipboardText(command.c_str());
    }
}

void export_button(Ui& ui, FigureKind kind, const std::string& trace) {
    const TraceDocument* document = ui.session.documents().trace(trace);
    ImGui::BeginDisabled(document == nullptr);
    if (ImGui::Button("Export")) ImGui::OpenPopup("export");
    ImGui::EndDisabled();
    if (ImGui::BeginPopup("export")) {
        if (document != nullptr) export_menu(ui, kind, *document);
        ImGui::EndPopup();
    }
}

}  // namespace alluvium

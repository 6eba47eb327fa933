#pragma once
#include <string>

#include "app/session/figure_request.h"
#include "app/views/ui.h"

namespace alluvium {

// The entries under an Export button or in a picture's context menu: the picture as SVG, PDF or PNG
// exactly as `alluvium render` makes it, its numbers, the trace, the command line.
void export_menu(Ui& ui, FigureKind kind, const TraceDocument& document);

// A button that opens it.
void export_button(Ui& ui, FigureKind kind, const std::string& trace);

// What the view asks for, laid out for paper.
FigureRequest paper_request(const Session& session, FigureKind kind);

// The session's work of saving a picture or (ending .csv) its numbers.
void export_figure(Session& session, FigureKind kind, const TraceDocument& document,
                   const std::string& path);

// The curves of the shown training runs, or (ending .csv) their numbers.
void save_training_figure(Session& session, const std::string& path);

// A pair, or (ending .csv) its numbers.
void save_pair_figure(Session& session, std::shared_ptr<const PairResult> result,
                      const std::string& path);

// Asks where, then saves.
void ask_and_export(Ui& ui, FigureKind kind, const TraceDocument& document,
                    const std::string& ending);
void ask_and_export_trace(Ui& ui, const TraceDocument& document);

}  // namespace alluvium

#include "app/views/screenshot.h"

#include <cstdlib>

#include <unistd.h>

#include "app/painters/png_file.h"
#include "app/session/session.h"
#include "app/views/offscreen_workbench.h"
#include "base/error.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

// Stands in for the person's folders and is gone afterwards.
class PrivateFolder {
  public:
    PrivateFolder() {
        std::string pattern = (fs::temp_directory_path() / "alluvium-screenshot-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw RunError("no temporary folder can be made");
        path_ = pattern;
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

void throw_messages(const Session& session) {
    if (session.messages().empty()) return;
    const Message& first = session.messages().front();
    throw UserError(first.title + ": " + first.what, first.hint);
}

}  // namespace

RgbaImage screenshot(const ScreenshotOptions& options) {
    const PrivateFolder folder;
    OffscreenWorkbench workbench({.model = model_services(),
                                  .folders = user_folders_in(folder.path()),
                                  .text_meter = pango_meter},
                                 {.width = options.width,
                                  .height = options.height,
                                  .settings = {.dark = options.dark, .scale = options.scale}});
    Session& session = workbench.session();
    session.choose_default_prompts();
    for (const std::string& path : options.paths) {
        session.open(path);
        session.finish_jobs();  // so that the first trace is A and the second B
    }
    throw_messages(session);
    session.change_view("screenshot", [&](ViewState& view) {
        if (options.layout) view.layout = *options.layout;
        if (!options.selection.empty()) view.selection = options.selection;
        if (options.prompt > 0) view.prompt = options.prompt;
    });
    workbench.settle();
    if (!options.front.empty()) {
        workbench.shell().state().bring_to_front = {options.front};
        workbench.settle();
    }
    return workbench.pixels();
}

void save_screenshot(const ScreenshotOptions& options, const fs::path& png) {
    save_png(screenshot(options), png);
}

}  // namespace alluvium

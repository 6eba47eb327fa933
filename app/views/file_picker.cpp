#include "app/views/file_picker.h"

#include <algorithm>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>
#include <portable_file_dialogs.h>

#include "app/views/ui.h"

namespace alluvium {

namespace fs = std::filesystem;

// One of the three, as asked for.
struct FilePicker::Native {
    std::unique_ptr<pfd::open_file> file;
    std::unique_ptr<pfd::select_folder> folder;
    std::unique_ptr<pfd::save_file> save;

    bool ready() const {
        constexpr int kNoWait = 0;
        if (file) return file->ready(kNoWait);
        return folder ? folder->ready(kNoWait) : save->ready(kNoWait);
    }
    std::string answer() const {
        if (folder) return folder->result();
        if (save) return save->result();
        const std::vector<std::string> all = file->result();
        return all.empty() ? "" : all.front();
    }
};

FilePicker::FilePicker() = default;
FilePicker::~FilePicker() = default;
FilePicker::FilePicker(FilePicker&&) noexcept = default;
FilePicker& FilePicker::operator=(FilePicker&&) noexcept = default;

std::vector<fs::path> completions(const std::string& typed) {
    const fs::path path(typed);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const std::string start = path.filename().string();
    std::vector<fs::path> found;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        const bool hidden = name.starts_with('.') && !start.starts_with('.');
        if (!hidden && name.starts_with(start)) found.push_back(entry->path());
    }
    std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
        std::error_code ignored;
        const bool folder_a = fs::is_directory(a, ignored), folder_b = fs::is_directory(b, ignored);
        return folder_a != folder_b ? folder_a : a < b;
    });
    return found;
}

void FilePicker::ask(PickRequest request, bool native) {
    request_ = std::move(request);
    if (!native || !use_native_ || !pfd::settings::available()) {
        own_open_ = true;
        typed_ = request_.suggested;
        if (request_.kind != PickKind::save && !typed_.ends_with('/')) typed_ += '/';
        if (typed_ == "/") typed_ = fs::current_path().string() + "/";
        return;
    }
    native_ = std::make_unique<Native>();
    switch (request_.kind) {
        case PickKind::file:
            native_->file = std::make_unique<pfd::open_file>(
                request_.title, request_.suggested,
                std::vector<std::string>{"Traces and sessions", "*.h5 *.hdf5 *.alluvium.json",
                                         "All files", "*"});
            break;
        case PickKind::folder:
            native_->folder =
                std::make_unique<pfd::select_folder>(request_.title, request_.suggested);
            break;
        case PickKind::save:
            native_->save = std::make_unique<pfd::save_file>(request_.title, request_.suggested);
            break;
    }
}

bool FilePicker::waiting() const {
    return native_ != nullptr;
}

void FilePicker::draw(Ui& ui) {
    if (native_ && native_->ready()) {
        const std::string answer = native_->answer();
        native_.reset();
        if (!answer.empty()) finish(answer);
    }
    if (own_open_) draw_own(ui);
}

void FilePicker::finish(const std::string& path) {
    own_open_ = false;
    if (request_.chosen) request_.chosen(path);
}

void FilePicker::draw_own(Ui& ui) {
    const ImVec2 screen = ImGui::GetMainViewport()->Size;
    ImGui::SetNextWindowPos({screen.x / 2, screen.y / 2}, ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({ui.px(640), ui.px(400)}, ImGuiCond_Appearing);
    const std::string title = request_.title + "###path window";
    if (ImGui::Begin(title.c_str(), &own_open_, ImGuiWindowFlags_NoDocking)) {
        ImGui::TextDisabled("Path");
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        ImGui::SetNextItemWidth(-1);
        const bool entered =
            ImGui::InputText("##path", &typed_, ImGuiInputTextFlags_EnterReturnsTrue);
        draw_listing(ui);
        const char* verb = request_.kind == PickKind::save ? "Save" : "Open";
        const bool pressed = ImGui::Button(verb);
        ImGui::SameLine();
        const bool cancelled = ImGui::Button("Cancel") ||
                               (ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows) &&
                                ImGui::IsKeyPressed(ImGuiKey_Escape));
        if (cancelled) own_open_ = false;
        if ((entered || pressed) && !typed_.empty()) finish(typed_);
    }
    ImGui::End();
}

void FilePicker::draw_listing(Ui& ui) {
    if (listed_for_ != typed_) {
        listed_for_ = typed_;
        listing_ = completions(typed_);
    }
    if (ImGui::BeginChild("##entries", {0, -ui.px(36)}, ImGuiChildFlags_Borders)) {
        for (const fs::path& entry : listing_) {
            std::error_code ignored;
            const bool folder = fs::is_directory(entry, ignored);
            const std::string name = entry.filename().string() + (folder ? "/" : "");
            if (ImGui::Selectable(name.c_str())) typed_ = entry.string() + (folder ? "/" : "");
        }
        if (listing_.empty()) ImGui::TextDisabled("nothing there begins with this");
    }
    ImGui::EndChild();
}

}  // namespace alluvium

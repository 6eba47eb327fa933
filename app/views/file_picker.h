#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace alluvium {

struct Ui;

enum class PickKind { file, folder, save };

struct PickRequest {
    PickKind kind = PickKind::file;
    std::string title;
    std::string suggested;  // a name to save under, or the folder to start in
    std::function<void(const std::string& path)> chosen;
};

// Asks for a path: with the desktop's own dialog where there is one (zenity, kdialog, ...), else
// with a window of our own that completes paths. Never waits.
class FilePicker {
  public:
    FilePicker();
    ~FilePicker();
    FilePicker(FilePicker&&) noexcept;
    FilePicker& operator=(FilePicker&&) noexcept;

    // `native` false: always our own window.
    void ask(PickRequest request, bool native = true);
    void draw(Ui& ui);
    // The window must be redrawn now and then to hear from the desktop's dialog.
    bool waiting() const;
    void use_native(bool use) { use_native_ = use; }

  private:
    struct Native;

    void draw_own(Ui& ui);
    void draw_listing(Ui& ui);
    void finish(const std::string& path);

    PickRequest request_;
    std::unique_ptr<Native> native_;
    bool own_open_ = false;
    bool use_native_ = true;
    std::string typed_;
    std::string listed_for_;  // what `listing_` completes
    std::vector<std::filesystem::path> listing_;
};

// The entries of a folder that complete what was typed: folders first, then files, by name. Hidden
// ones only where the typed name starts with a dot.
std::vector<std::filesystem::path> completions(const std::string& typed);

}  // namespace alluvium

#pragma once
// Results that programs leave in files: made by this program beside the window, or opened.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/session/child_program.h"
#include "app/session/jobs.h"

namespace alluvium {

template <typename File>
struct ResultDocument {
    std::string id;    // path of the file
    std::string name;  // for lists
    std::shared_ptr<const File> file;
    bool shown = true;
};

template <typename File>
class ResultFiles {
  public:
    using Read = std::function<File(const std::filesystem::path&)>;
    using Name = std::function<std::string(const File&)>;

    ResultFiles(Jobs& jobs, Read read, Name name)
        : jobs_(jobs), read_(std::move(read)), name_(std::move(name)) {}

    const std::vector<ResultDocument<File>>& documents() const { return documents_; }

    // Runs a program that leaves its result in `output`.
    void make(JobSpec spec, const ProgramCall& call, const std::filesystem::path& output) {
        spec.lane = Lane::program;
        spec.key = output.string();
        jobs_.start(std::move(spec), [this, call, output](Progress& progress) -> Delivery {
            std::filesystem::create_directories(output.parent_path());
            run_program(call, progress);
            return delivery(output);
        });
    }
    void open(const std::string& path) {
        jobs_.start({.tag = "result " + path, .key = path, .title = "Read " + path},
                    [this, path](Progress&) -> Delivery { return delivery(path); });
    }

    void show(const std::string& id, bool shown) {
        for (auto& document : documents_) {
            if (document.id == id) document.shown = shown;
        }
    }
    void forget(const std::string& id) {
        std::erase_if(documents_, [&](const auto& document) { return document.id == id; });
    }
    void forget_all() { documents_.clear(); }

  private:
    Delivery delivery(const std::filesystem::path& path) {
        auto file = std::make_shared<const File>(read_(path));
        return [this, id = path.string(), file] {
            forget(id);
            documents_.push_back({id, name_(*file), file});
        };
    }

    Jobs& jobs_;
    Read read_;
    Name name_;
    std::vector<ResultDocument<File>> documents_;
};

}  // namespace alluvium

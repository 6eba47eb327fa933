#include "app/session/session.h"

#include <atomic>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/language_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::LanguageTrace;
using alluvium::test::TemporaryFolder;
using alluvium::test::write_language_trace;

namespace {

// Ten units for a character, twice the size high: enough for layouts that nobody looks at.
TextMeter plain_meter() {
    return [](std::string_view text, const TextStyle& style) {
        return Size{static_cast<double>(text.size()) * style.size * 0.6, style.size * 1.3};
    };
}

// A model room that writes a planted trace; or fails, or waits to be cancelled.
struct FakeModel {
    enum class Mood { works, fails, waits } mood = Mood::works;
    std::atomic<bool> started = false;
    // Of the last run.
    std::vector<Prompt> prompts;
    std::string prompt_set_name;

    ModelServices services() {
        return {.describe =
                    [](const std::filesystem::path& folder) {
                        if (folder.filename() == "broken") throw UserError("config.json: missing");
                        CheckpointSummary summary;
                        summary.name = folder.filename();
                        summary.family = "planted";
                        summary.layers = summary.routed_layers = 8;
                        return summary;
                    },
                .capture =
                    [this](const CaptureJob& job, Progress& progress) {
                        prompts = job.prompts;
                        prompt_set_name = job.prompt_set_name;
                        progress.start(100);
                        write_language_trace(job.output);
                        started = true;
                        while (mood == Mood::waits) {
                            progress.check();
                            std::this_thread::yield();
                        }
                        if (mood == Mood::fails) {
                            throw RunError("disk full");
                        }
                    }};
    }
};

struct Desk {
    TemporaryFolder folder;
    FakeModel model;
    Session session{Environment{.model = model.services(),
                                .folders = user_folders_in(folder / ""),
                                .text_meter = plain_meter}};

    std::string trace(const std::string& name, const std::string& checkpoint) {
        LanguageTrace plan;
        plan.checkpoint_id = checkpoint;
        return write_language_trace(folder / (name + ".h5"), plan);
    }
    std::string checkpoint(const std::string& name) {
        std::filesystem::create_directories(folder / name);
        return folder / name;
    }
    void open(const std::string& path) {
        session.open(path);
        session.finish_jobs();
    }
    void write_own_text() {
        session.choose_prompts({.own_text = "Où ?\nLà.", .own_language = "fr"});
        session.finish_jobs();
    }
    std::size_t captures() const {
        if (!std::filesystem::exists(folder / "captures")) return 0;
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry :
             std::filesystem::directory_iterator(folder / "captures")) {
            ++count;
        }
        return count;
    }
};

FigureRequest heatmap_request(const Session& session) {
    FigureRequest request;
    request.panel = "heat map";
    request.width = 600;
    request.height = 400;
    request.options = session.analysis_options();
    return request;
}

}  // namespace

TEST_CASE("The first trace opened is shown, and its analysis arrives") {
    Desk desk;
    const std::string path = desk.trace("t", "aaaa");
    desk.open(path);
    CHECK(desk.session.view().a == path);
    CHECK(desk.session.view().b.empty());
    CHECK(desk.session.analysis(path).under_way);
    desk.session.finish_jobs();
    const auto answer = desk.session.analysis(path);
    REQUIRE(answer.current);
    CHECK(answer.result->groups.size() == 6);
    CHECK(answer.result->circuit);
}

TEST_CASE("A trace of another checkpoint is put beside the first") {
    Desk desk;
    const std::string a = desk.trace("a", "aaaa"), b = desk.trace("b", "bbbb");
    desk.open(a);
    desk.open(b);
    CHECK(desk.session.view().a == a);
    CHECK(desk.session.view().b == b);
    CHECK(desk.session.view().layout == Layout::compare);
    desk.session.swap_sides();
    CHECK(desk.session.view().a == b);
    desk.session.show_b({});
    CHECK(desk.session.view().layout == Layout::explore);
}

TEST_CASE("A further trace of the same checkpoint takes the place of the first") {
    Desk desk;
    desk.open(desk.trace("a", "aaaa"));
    const std::string again = desk.trace("again", "aaaa");
    desk.open(again);
    CHECK(desk.session.view().a == again);
    CHECK(desk.session.view().b.empty());
    CHECK(desk.session.documents().traces().size() == 2);
}

TEST_CASE("What cannot be opened leaves a message and everything else as it was") {
    Desk desk;
    const std::string good = desk.trace("t", "aaaa");
    desk.open(good);
    write_file_atomically(desk.folder / "bad.h5", "this is no HDF5");
    desk.open(desk.folder / "bad.h5");
    desk.open(desk.folder / "nowhere");
    desk.open(desk.checkpoint("broken"));
    REQUIRE(desk.session.messages().size() == 3);
    CHECK(desk.session.messages()[0].text().find("bad.h5") != std::string::npos);
    CHECK(desk.session.messages()[1].what == "no such file");
    CHECK(desk.session.messages()[2].what == "config.json: missing");
    CHECK(desk.session.view().a == good);
    desk.session.dismiss_message(1);
    CHECK(desk.session.messages().size() == 2);
}

TEST_CASE("A run goes from prompts to a trace that is shown") {
    Desk desk;
    desk.open(desk.checkpoint("specimen"));
    CHECK_FALSE(desk.session.why_not_run().empty());
    desk.write_own_text();
    REQUIRE(desk.session.why_not_run().empty());
    desk.session.run();
    desk.session.finish_jobs();
    CHECK(desk.session.messages().empty());
    CHECK(desk.model.prompts.size() == 2);
    CHECK(desk.model.prompt_set_name == "own-text");
    REQUIRE(desk.session.documents().traces().size() == 1);
    CHECK(desk.session.view().a == desk.session.documents().traces()[0].id);
    CHECK(desk.captures() == 1);
}

TEST_CASE(
    "A run that fails leaves a message that can be copied, no file, and a session that runs") {
    Desk desk;
    desk.open(desk.checkpoint("specimen"));
    desk.write_own_text();
    desk.model.mood = FakeModel::Mood::fails;
    desk.session.run();
    desk.session.finish_jobs();
    REQUIRE(desk.session.messages().size() == 1);
    CHECK(desk.session.messages()[0].text().find("error: disk full") != std::string::npos);
    CHECK(desk.captures() == 0);

    desk.model.mood = FakeModel::Mood::works;
    desk.session.run();
    desk.session.finish_jobs();
    CHECK(desk.session.documents().traces().size() == 1);
}

TEST_CASE("A cancelled run leaves neither message nor file") {
    Desk desk;
    desk.open(desk.checkpoint("specimen"));
    desk.write_own_text();
    desk.model.mood = FakeModel::Mood::waits;
    desk.session.run();
    while (!desk.model.started) std::this_thread::yield();
    desk.session.update();
    CHECK(desk.session.jobs().busy());
    desk.session.jobs().cancel_tag("run");
    desk.session.finish_jobs();
    CHECK(desk.session.messages().empty());
    CHECK(desk.session.documents().traces().empty());
    CHECK(desk.captures() == 0);
    CHECK(desk.session.notice().find("Cancelled") != std::string::npos);
}

TEST_CASE("Pictures are made while a run is under way") {
    Desk desk;
    desk.open(desk.trace("t", "aaaa"));
    desk.open(desk.checkpoint("specimen"));
    desk.write_own_text();
    desk.model.mood = FakeModel::Mood::waits;
    desk.session.run();
    const TraceDocument& document = desk.session.documents().traces()[0];
    const FigureRequest request = heatmap_request(desk.session);
    while (!desk.session.results().figure(request, document).current) {
        desk.session.update();
        std::this_thread::yield();
    }
    CHECK(desk.session.jobs().busy());
    desk.session.jobs().cancel_tag("run");
    desk.session.finish_jobs();
}

TEST_CASE("A picture is made once, and the last one stays while the next is made") {
    Desk desk;
    desk.open(desk.trace("t", "aaaa"));
    const TraceDocument& document = desk.session.documents().traces()[0];
    FigureRequest request = heatmap_request(desk.session);
    Results& results = desk.session.results();
    CHECK(results.figure(request, document).result == nullptr);
    desk.session.finish_jobs();
    results.figure(request, document);
    desk.session.finish_jobs();
    const auto first = results.figure(request, document);
    REQUIRE(first.current);
    CHECK_FALSE(desk.session.jobs().busy());

    request.dark = true;
    const auto meanwhile = results.figure(request, document);
    CHECK_FALSE(meanwhile.current);
    CHECK(meanwhile.under_way);
    CHECK(meanwhile.result == first.result);
    desk.session.finish_jobs();
    CHECK(results.figure(request, document).current);
}

TEST_CASE("An analysis that fails is not started again until someone asks for it") {
    Desk desk;
    const std::string path = desk.trace("t", "aaaa");
    desk.open(path);
    desk.session.change_view("by", [](ViewState& view) { view.by = "no such column"; });
    desk.session.analysis(path);
    desk.session.finish_jobs();
    CHECK(desk.session.messages().size() == 1);
    const auto answer = desk.session.analysis(path);
    CHECK_FALSE(answer.under_way);
    CHECK_FALSE(desk.session.jobs().busy());
    desk.session.results().retry(answer.key);
    CHECK(desk.session.analysis(path).under_way);
    desk.session.finish_jobs();
    CHECK(desk.session.messages().size() == 2);
}

TEST_CASE("A view change can be taken back and done again") {
    Desk desk;
    desk.session.select({.layer = 3, .expert = 1, .group = "fr"});
    desk.session.select({.layer = 4, .expert = 2, .group = "ar"});
    desk.session.undo();
    CHECK(desk.session.view().selection.layer == 3);
    desk.session.undo();
    CHECK(desk.session.view().selection.empty());
    desk.session.redo();
    CHECK(desk.session.view().selection.group == "fr");
}

TEST_CASE("A saved session opens the same documents in the same view") {
    Desk desk;
    const std::string a = desk.trace("a", "aaaa"), b = desk.trace("b", "bbbb");
    desk.open(a);
    desk.open(b);
    desk.open(desk.checkpoint("specimen"));
    desk.write_own_text();
    desk.session.select({.layer = 3, .expert = 1, .group = "fr"});
    const SessionFile saved = desk.session.snapshot();
    desk.session.save(desk.folder / "s.alluvium.json");
    desk.session.finish_jobs();

    Desk other;
    other.open(desk.folder / "s.alluvium.json");
    CHECK(other.session.messages().empty());
    CHECK(other.session.snapshot().view == saved.view);
    CHECK(other.session.snapshot().prompts == saved.prompts);
    CHECK(other.session.documents().traces().size() == 2);
    CHECK(other.session.documents().checkpoints().size() == 1);
}

TEST_CASE("Closing the trace that is shown shows the one beside it") {
    Desk desk;
    const std::string a = desk.trace("a", "aaaa"), b = desk.trace("b", "bbbb");
    desk.open(a);
    desk.open(b);
    desk.session.close(a);
    CHECK(desk.session.view().a == b);
    CHECK(desk.session.view().b.empty());
    CHECK(desk.session.documents().trace(a) == nullptr);
    desk.session.close(b);
    CHECK(desk.session.view().a.empty());
}

TEST_CASE("A trace can be copied to another place, but not onto itself") {
    Desk desk;
    const std::string path = desk.trace("t", "aaaa");
    desk.open(path);
    desk.session.export_trace(path, desk.folder / "copy.h5");
    desk.session.finish_jobs();
    CHECK(read_file(desk.folder / "copy.h5") == read_file(path));
    desk.session.export_trace(path, path);
    CHECK(desk.session.messages().size() == 1);
    desk.session.export_trace(path, desk.folder / "no/such/folder.h5");
    desk.session.finish_jobs();
    CHECK(desk.session.messages().size() == 2);
}

TEST_CASE("What was opened is remembered for the next time") {
    Desk desk;
    const std::string path = desk.trace("t", "aaaa");
    desk.open(path);
    CHECK(read_settings(desk.folder / "config").recent == std::vector<std::string>{path});
}

TEST_CASE("A session without a model room opens traces and says why it cannot run") {
    const TemporaryFolder folder;
    Session session(Environment{
        .model = {}, .folders = user_folders_in(folder / ""), .text_meter = plain_meter});
    std::filesystem::create_directories(folder / "checkpoint");
    session.open(folder / "checkpoint");
    REQUIRE(session.messages().size() == 1);
    CHECK(session.messages()[0].what.find("libtorch") != std::string::npos);
    session.run();
    CHECK(session.messages().size() == 2);
}

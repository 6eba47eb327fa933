// The session with the real model room: a folder goes in, a trace that is shown comes out.
#include "app/session/model_services.h"

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "app/session/session.h"
#include "base/assets.h"
#include "base/error.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

// The checkpoint of random weights that the build makes.
std::optional<std::filesystem::path> untrained_specimen() {
    try {
        return find_asset("assets/specimen-untrained/config.json").parent_path();
    } catch (const UserError&) {
        return std::nullopt;
    }
}

}  // namespace

TEST_CASE("A checkpoint is opened, run and shown by the real model room", "[model]") {
    const auto specimen = untrained_specimen();
    if (!model_services().available()) SKIP("built without libtorch");
    if (!specimen) SKIP("the build has not made the specimen");
    const TemporaryFolder folder;
    Session session(Environment{.model = model_services(),
                                .folders = user_folders_in(folder / ""),
                                .text_meter = [] { return TextMeter(); }});
    session.open(*specimen);
    session.finish_jobs();
    REQUIRE(session.messages().empty());
    const CheckpointSummary& summary = session.documents().checkpoints().at(0).summary;
    CHECK(summary.routed_layers > 0);
    CHECK(summary.problems.empty());

    session.choose_prompts(
        {.own_text = "Where does it hurt?\nThe doctor is coming.", .own_language = "en"});
    session.run();
    session.finish_jobs();
    for (const Message& message : session.messages()) UNSCOPED_INFO(message.text());
    REQUIRE(session.messages().empty());
    const TraceDocument& trace = session.documents().traces().at(0);
    CHECK(session.view().a == trace.id);
    CHECK(trace.trace->header().prompts.size() == 2);
    CHECK(trace.trace->layers().size() == static_cast<std::size_t>(summary.routed_layers));
}

#include <imgui_internal.h>

#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"
#include "app/session/duration_text.h"
#include "app/views/overlays.h"

namespace alluvium {
namespace {

std::string progress_text(const JobStatus& job) {
    if (job.cancelled) return "stopping...";
    if (!job.started) return "waiting";
    if (job.done == 0) return job.unit.empty() ? "" : "starting";
    std::string text = thousands_text(job.done);
    if (job.total > 0) text += " of " + thousands_text(job.total);
    text += " " + job.unit;
    if (job.rate > 0) text += ", " + number_text(job.rate) + "/s";
    if (job.total > 0 && job.remaining >= 0) text += ", " + duration_text(job.remaining) + " left";
    return text;
}

void draw_job(Ui& ui, const JobStatus& job) {
    ImGui::PushID(static_cast<int>(job.id));
    ImGui::TextUnformatted(job.title.c_str());
    if (job.total > 0) {
        ImGui::SameLine();
        const float done = static_cast<float>(job.done) / static_cast<float>(job.total);
        ImGui::ProgressBar(done, {ui.px(120), ImGui::GetTextLineHeight()}, "");
    }
    const std::string text = progress_text(job);
    if (!text.empty()) {
        ImGui::SameLine();
        ImGui::TextDisabled("%s", text.c_str());
    }
    ImGui::SameLine();
    if (ImGui::SmallButton("Cancel")) ui.session.jobs().cancel(job.id);
    ImGui::PopID();
}

// The one that a person most likely waits for: the longest running.
const JobStatus* foremost(const std::vector<JobStatus>& jobs) {
    const JobStatus* longest = nullptr;
    for (const JobStatus& job : jobs) {
        if (job.title.empty()) continue;
        if (longest == nullptr || job.seconds > longest->seconds) longest = &job;
    }
    return longest;
}

}  // namespace

void draw_status_bar(Ui& ui) {
    const float height = ImGui::GetFrameHeight();
    constexpr auto kFlags =
        ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_MenuBar;
    if (ImGui::BeginViewportSideBar("##status", ImGui::GetMainViewport(), ImGuiDir_Down, height,
                                    kFlags) &&
        ImGui::BeginMenuBar()) {
        const std::vector<JobStatus> jobs = ui.session.jobs().status();
        if (const JobStatus* job = foremost(jobs)) {
            draw_job(ui, *job);
            if (jobs.size() > 1) ImGui::TextDisabled("and %zu more", jobs.size() - 1);
        } else {
            ImGui::TextDisabled(
                "%s", ui.session.notice().empty() ? "Ready" : ui.session.notice().c_str());
        }
        ImGui::EndMenuBar();
    }
    ImGui::End();
}

}  // namespace alluvium

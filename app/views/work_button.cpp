#include "app/views/work_button.h"

#include <imgui.h>

#include "analysis/number_text.h"

namespace alluvium {
namespace {

std::string progress_text(const JobStatus& job) {
    if (job.cancelled) return "stopping...";
    if (job.total == 0) return "starting...";
    return thousands_text(job.done) + " of " + thousands_text(job.total) + " " + job.unit;
}

void draw_job(Ui& ui, const JobStatus& job, const char* stop) {
    const float width = ImGui::GetContentRegionAvail().x - ui.px(72);
    const float done = job.total > 0 ? static_cast<float>(job.done) / static_cast<float>(job.total)
                                     : -static_cast<float>(ImGui::GetTime());
    ImGui::ProgressBar(done, {width, 0}, progress_text(job).c_str());
    ImGui::SameLine();
    if (ImGui::Button(stop, {-1, 0})) ui.session.jobs().cancel(job.id);
}

}  // namespace

bool start_button(const char* label, const std::string& problem) {
    ImGui::BeginDisabled(!problem.empty());
    const bool pressed = ImGui::Button(label, {-1, 0});
    ImGui::EndDisabled();
    if (!problem.empty() && ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) {
        ImGui::SetTooltip("%s", problem.c_str());
    }
    return pressed;
}

bool draw_work(Ui& ui, const std::string& tag, const char* stop) {
    for (const JobStatus& job : ui.session.jobs().status()) {
        if (job.tag != tag) continue;
        draw_job(ui, job, stop);
        return true;
    }
    return false;
}

}  // namespace alluvium

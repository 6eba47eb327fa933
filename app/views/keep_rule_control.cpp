#include "app/views/keep_rule_control.h"

#include <cmath>

#include <imgui.h>

namespace alluvium {
namespace {

void set_rule(Ui& ui, const KeepRule& rule) {
    ui.session.change_view("keep " + to_string(rule),
                           [&](ViewState& view) { view.keep = to_string(rule); });
}

}  // namespace

void KeepRuleControl::draw(Ui& ui) {
    KeepRule rule = parse_keep_rule(ui.session.view().keep);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Keep");
    ImGui::SameLine();
    const char* const names[] = {"most used experts", "experts above a ratio"};
    int kind = rule.kind == KeepRule::Kind::mass ? 0 : 1;
    ImGui::SetNextItemWidth(ui.px(190));
    if (ImGui::Combo("##keep rule", &kind, names, 2)) {
        rule.kind = kind == 0 ? KeepRule::Kind::mass : KeepRule::Kind::ratio;
        set_rule(ui, rule);
    }
    ImGui::SetItemTooltip("%s", kind == 0 ? "Per layer and language: the smallest set of experts "
                                            "that carries this share of its tokens' mass"
                                          : "Experts that at least this share of a language's "
                                            "tokens choose");
    ImGui::SameLine();
    draw_amount(ui, rule);
}

void KeepRuleControl::draw_amount(Ui& ui, KeepRule rule) {
    ImGui::SetNextItemWidth(ui.px(120));
    float amount = dragged_ >= 0 ? dragged_ : static_cast<float>(rule.amount);
    if (ImGui::SliderFloat("##keep amount", &amount, 0.05F, 0.95F, "%.2f")) dragged_ = amount;
    if (ImGui::IsItemDeactivatedAfterEdit()) {
        rule.amount = std::round(static_cast<double>(amount) * 100) / 100;
        set_rule(ui, rule);
    }
    if (!ImGui::IsItemActive()) dragged_ = -1;
}

}  // namespace alluvium

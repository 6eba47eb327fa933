#include <iomanip>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/machine.h"
#include "app/painters/fonts.h"
#include "base/files.h"
#include "model/capture/versions.h"
#include "model/kernels/cuda_module.h"

namespace alluvium {
namespace {

struct Diagnosis {
    Machine machine;
    CudaStatus cuda;
    std::vector<FontNeed> fonts;
    std::vector<std::string> advice;  // what will be slow or missing, and why
};

std::vector<std::string> advice(const Diagnosis& d) {
    std::vector<std::string> lines;
    if (!d.cuda.loaded) {
        lines.push_back("models run on the CPU: " + d.cuda.reason);
    }
    if (!d.machine.has("avx512_bf16") && !d.machine.has("amx_bf16")) {
        lines.push_back("this CPU has no bf16 units: bf16 checkpoints are computed in f32, which takes "
                        "twice the memory");
    }
    if (!d.machine.has("avx512f")) {
        lines.push_back("this CPU has no AVX-512: matrix products run at half speed or less");
    }
    if (d.machine.display.empty()) {
        lines.push_back("no display: the workbench cannot open a window here; 'render' and "
                        "'open --screenshot' write pictures instead");
    }
    for (const FontNeed& font : d.fonts) {
        if (font.present) continue;
        lines.push_back("the font '" + font.family + "' is missing: " + font.covers +
                        " will not show (apt-get install " + kFontPackages + ")");
    }
    if (d.machine.memory_free < 4'000'000'000ULL) {
        lines.push_back("only " + human_bytes(d.machine.memory_free) + " of memory are free");
    }
    return lines;
}

Diagnosis diagnose() {
    Diagnosis d{.machine = this_machine(), .cuda = cuda_status(), .fonts = needed_fonts(), .advice = {}};
    d.advice = advice(d);
    return d;
}

Json to_json(const Diagnosis& d) {
    Json gpus = Json::array();
    for (const CudaDevice& device : d.cuda.devices) {
        gpus.push_back({{"name", device.name},
                        {"memory", device.memory},
                        {"compute_capability",
                         std::to_string(device.major) + "." + std::to_string(device.minor)},
                        {"usable", d.cuda.loaded}});
    }
    Json fonts = Json::object();
    for (const FontNeed& font : d.fonts) fonts[font.family] = font.present;
    const Machine& m = d.machine;
    return {{"cpu",
             {{"name", m.cpu},
              {"cores", m.cores},
              {"instruction_sets", m.instruction_sets},
              {"bf16", m.has("avx512_bf16") || m.has("amx_bf16")}}},
            {"memory", {{"total", m.memory}, {"free", m.memory_free}}},
            {"gpu", gpus},
            {"gpu_module", {{"found", d.cuda.module_found}, {"loaded", d.cuda.loaded}, {"reason", d.cuda.reason}}},
            {"torch", libtorch_version()},
            {"display", m.display.empty() ? Json(nullptr) : Json(m.display)},
            {"fonts", fonts},
            {"advice", d.advice}};
}

void row(const std::string& name, const std::string& value) {
    std::cout << std::left << std::setw(10) << name << value << '\n';
}

void print(const Diagnosis& d) {
    std::string sets;
    for (const std::string& set : d.machine.instruction_sets) sets += " " + set;
    row("cpu", d.machine.cpu + ", " + std::to_string(d.machine.cores) + " cores," + sets);
    row("memory", human_bytes(d.machine.memory) + ", " + human_bytes(d.machine.memory_free) + " free");
    for (const CudaDevice& device : d.cuda.devices) {
        row("gpu", device.name + ", " + human_bytes(device.memory));
    }
    if (d.cuda.devices.empty()) row("gpu", "none");
    row("libtorch", libtorch_version());
    row("display", d.machine.display.empty() ? "none" : d.machine.display);
    std::size_t present = 0;
    for (const FontNeed& font : d.fonts) present += font.present ? 1 : 0;
    row("fonts", std::to_string(present) + " of " + std::to_string(d.fonts.size()) + " families");
    if (!d.advice.empty()) std::cout << '\n';
    for (const std::string& line : d.advice) std::cout << "- " << line << '\n';
}

}  // namespace

void add_doctor(CLI::App& program) {
    auto* command = program.add_subcommand(
        "doctor", "What this machine offers: CPU, GPU, memory, display, fonts; what will be slow and why");
    const auto json = std::make_shared<JsonOption>();
    json->add_to(*command);
    set_examples(*command, "  alluvium doctor\n  alluvium doctor --json");
    command->callback([json] {
        const Diagnosis d = diagnose();
        json->write(to_json(d));
        if (!json->to_stdout()) print(d);
    });
}

}  // namespace alluvium

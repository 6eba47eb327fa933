#include "model/kernels/cuda_module.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <ATen/Context.h>
#include <dlfcn.h>

#include "base/error.h"
#include "model/kernels/cuda_driver.h"
#include "model/kernels/cuda_kernels.h"

namespace alluvium {

namespace {

namespace fs = std::filesystem;

constexpr int lowest_major = 8;  // the kernels reduce over a warp in one instruction

struct Module {
    CudaStatus status;
    const CudaKernels* kernels = nullptr;
};

// $ALLUVIUM_CUDA_MODULE, else beside the program, else where the build left it.
std::optional<fs::path> find_module() {
    std::vector<fs::path> places;
    if (const char* given = std::getenv("ALLUVIUM_CUDA_MODULE")) {
        places.emplace_back(given);
    } else {
        std::error_code ignored;
        const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
        places.push_back(program.parent_path() / "alluvium_cuda.so");
#ifdef ALLUVIUM_CUDA_MODULE
        places.emplace_back(ALLUVIUM_CUDA_MODULE);
#endif
    }
    const auto found = std::ranges::find_if(places, [](const fs::path& place) {
        std::error_code ignored;
        return fs::is_regular_file(place, ignored);
    });
    return found == places.end() ? std::nullopt : std::optional(*found);
}

// The module's kernels, or nothing and the reason.
const CudaKernels* load(const fs::path& path, std::string& reason) {
    // Global, as libtorch's own libraries find each other's symbols that way.
    void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (module == nullptr) {
        reason = std::string("the GPU module does not load: ") + ::dlerror() +
                 " (the set-up installs the CUDA libraries on machines that have a GPU)";
        return nullptr;
    }
    const auto function =
        reinterpret_cast<CudaKernelsFunction>(::dlsym(module, cuda_kernels_symbol));
    const CudaKernels* kernels = function == nullptr ? nullptr : function();
    if (kernels == nullptr || kernels->version != CudaKernels::current_version) {
        reason = path.string() + " is a GPU module of another version of this program; build both";
        return nullptr;
    }
    if (!at::hasCUDA()) {
        reason = "libtorch does not use the GPU although its CUDA libraries are loaded";
        return nullptr;
    }
    return kernels;
}

Module load_where_possible() {
    Module module;
    CudaStatus& status = module.status;
    const std::optional<fs::path> path = find_module();
    status.module_found = path.has_value();
    DriverReport driver = ask_driver();
    status.devices = std::move(driver.devices);
    status.reason = driver.reason;
    if (status.devices.empty()) return module;
    if (std::ranges::all_of(status.devices,
                            [](const CudaDevice& d) { return d.major < lowest_major; })) {
        status.reason = "no GPU here has compute capability 8.0 or more (" +
                        status.devices.front().name + " has " +
                        std::to_string(status.devices.front().major) + "." +
                        std::to_string(status.devices.front().minor) + ")";
    } else if (!path) {
        status.reason = "this build has no GPU module; it is built where nvcc is found";
    } else {
        module.kernels = load(*path, status.reason);
    }
    status.loaded = module.kernels != nullptr;
    return module;
}

const Module& the_module() {
    static const Module module = load_where_possible();
    return module;
}

}  // namespace

const CudaStatus& cuda_status() {
    return the_module().status;
}

const CudaKernels& cuda_kernels() {
    require_cuda();
    return *the_module().kernels;
}

void require_cuda() {
    const CudaStatus& status = cuda_status();
    if (!status.loaded) throw RunError("the GPU cannot be used: " + status.reason);
}

}  // namespace alluvium

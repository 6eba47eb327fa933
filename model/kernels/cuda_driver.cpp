#include "model/kernels/cuda_driver.h"

#include <array>

#include <dlfcn.h>

namespace alluvium {

namespace {

// The few functions of the driver's C interface that are used, with the types of cuda.h.
template <typename... Arguments>
class DriverFunction {
  public:
    DriverFunction(void* library, const char* name)
        : function_(reinterpret_cast<int (*)(Arguments...)>(::dlsym(library, name))) {}

    bool succeeds(Arguments... arguments) const { return call(arguments...) == 0; }
    int call(Arguments... arguments) const {
        return function_ == nullptr ? missing : function_(arguments...);
    }

  private:
    static constexpr int missing = 500;  // CUDA_ERROR_NOT_FOUND
    int (*function_)(Arguments...);
};

constexpr int no_device = 100;        // CUDA_ERROR_NO_DEVICE
constexpr int capability_major = 75;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
constexpr int capability_minor = 76;

std::vector<CudaDevice> list_devices(void* driver) {
    const DriverFunction<int*> count_devices(driver, "cuDeviceGetCount");
    const DriverFunction<int*, int> get_device(driver, "cuDeviceGet");
    const DriverFunction<char*, int, int> get_name(driver, "cuDeviceGetName");
    const DriverFunction<std::size_t*, int> get_memory(driver, "cuDeviceTotalMem_v2");
    const DriverFunction<int*, int, int> get_attribute(driver, "cuDeviceGetAttribute");

    int count = 0;
    std::vector<CudaDevice> devices;
    if (!count_devices.succeeds(&count)) return devices;
    for (int ordinal = 0; ordinal < count; ++ordinal) {
        int device = 0;
        std::array<char, 256> name{};
        std::size_t memory = 0;
        CudaDevice found;
        if (get_device.succeeds(&device, ordinal) &&
            get_name.succeeds(name.data(), static_cast<int>(name.size()), device) &&
            get_memory.succeeds(&memory, device) &&
            get_attribute.succeeds(&found.major, capability_major, device) &&
            get_attribute.succeeds(&found.minor, capability_minor, device)) {
            found.name = name.data();
            found.memory = memory;
            devices.push_back(found);
        }
    }
    return devices;
}

}  // namespace

DriverReport ask_driver() {
    // Never closed: the CUDA libraries use the same driver until the program ends.
    void* driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (driver == nullptr) return {.devices = {}, .reason = "this machine has no NVIDIA driver"};
    const int error = DriverFunction<unsigned>(driver, "cuInit").call(0);
    if (error != 0 && error != no_device) {
        return {.devices = {},
                .reason =
                    "the NVIDIA driver does not start (CUDA error " + std::to_string(error) + ")"};
    }
    DriverReport report{.devices = list_devices(driver), .reason = {}};
    if (report.devices.empty()) report.reason = "the NVIDIA driver finds no GPU";
    return report;
}

}  // namespace alluvium

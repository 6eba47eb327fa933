#include "model/forward/compute.h"

#include <map>
#include <optional>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/kernels/cpu/cpu_features.h"
#include "model/kernels/cuda_module.h"

namespace alluvium {
namespace {

// The type that most of the checkpoint's bytes are in.
at::ScalarType stored_dtype(const Checkpoint& checkpoint) {
    std::map<std::optional<at::ScalarType>, std::uint64_t> bytes;
    for (const auto& [name, info] : checkpoint.tensors()) {
        bytes[info.dtype->torch_type] += info.bytes;
    }
    at::ScalarType most = at::kFloat;
    std::uint64_t most_bytes = 0;
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
        if (bytes[dtype] > most_bytes) {
            most = dtype;
            most_bytes = bytes[dtype];
        }
    }
    return most;
}

[[noreturn]] void refuse_device(std::string_view word) {
    throw UserError("device '" + std::string(word) + "' is none of auto, cpu, cuda, cuda:N");
}

at::Device cuda_device(std::string_view word) {
    at::DeviceIndex index = 0;
    if (word != "cuda") {
        const std::string_view digits = word.substr(5);
        if (digits.empty() || digits.size() > 2 ||
            digits.find_first_not_of("0123456789") != std::string_view::npos) {
            refuse_device(word);
        }
        index = static_cast<at::DeviceIndex>(std::stoi(std::string(digits)));
    }
    const CudaStatus& gpu = cuda_status();
    const bool missing = index >= std::ssize(gpu.devices);
    if (!gpu.loaded || missing) {
        const std::string found = "there are " + std::to_string(gpu.devices.size()) + " GPUs";
        throw UserError(
            "device '" + std::string(word) + "' is not there: " + (gpu.loaded ? found : gpu.reason),
            "alluvium doctor says what this machine offers; use --device cpu");
    }
    return {at::kCUDA, index};
}

at::Device resolve_device(std::string_view word) {
    if (word == "cpu") return at::kCPU;
    cuda_status();  // looks for a GPU and loads its module, before libtorch is asked
    if (word == "auto")
        return cuda_status().loaded ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (word == "cuda" || word.starts_with("cuda:")) return cuda_device(word);
    refuse_device(word);
}

at::ScalarType resolve_dtype(std::string_view word, at::Device device,
                             const Checkpoint& checkpoint) {
    if (word == "f32") return at::kFloat;
    if (word == "bf16") return at::kBFloat16;
    if (word == "f16") return at::kHalf;
    if (word != "auto") {
        throw UserError("dtype '" + std::string(word) + "' is none of auto, f32, bf16, f16");
    }
    const at::ScalarType stored = stored_dtype(checkpoint);
    const bool natural = device.is_cuda() || (stored == at::kBFloat16 && cpu_has_bf16_units());
    return natural ? stored : at::kFloat;
}

}  // namespace

Compute resolve_compute(std::string_view device, std::string_view dtype,
                        const Checkpoint& checkpoint) {
    Compute compute;
    compute.device = resolve_device(device);
    compute.dtype = resolve_dtype(dtype, compute.device, checkpoint);
    return compute;
}

std::string dtype_word(at::ScalarType dtype) {
    if (dtype == at::kBFloat16) return "bf16";
    return dtype == at::kHalf ? "f16" : "f32";
}

}  // namespace alluvium

#pragma once
// Where and in which type a model computes, from the words a user says.
#include <string>
#include <string_view>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace alluvium {

class Checkpoint;

struct Compute {
    at::Device device{at::kCPU};
    at::ScalarType dtype = at::kFloat;
};

// `device`: auto, cpu, cuda, cuda:N; `dtype`: auto, f32, bf16, f16. auto takes a GPU where one can
// be used, and the checkpoint's own type on GPUs and on CPUs with bf16 units, else f32. UserError
// where the word is unknown or the device is not there.
Compute resolve_compute(std::string_view device, std::string_view dtype,
                        const Checkpoint& checkpoint);

std::string dtype_word(at::ScalarType dtype);  // "f32", "bf16", "f16"

}  // namespace alluvium

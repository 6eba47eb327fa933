#include "model/capture/versions.h"

#include <torch/headeronly/version.h>

namespace alluvium {

std::string libtorch_version() {
    return TORCH_VERSION;
}

std::string engine_version() {
    return "alluvium " ALLUVIUM_VERSION ", libtorch " TORCH_VERSION;
}

}  // namespace alluvium

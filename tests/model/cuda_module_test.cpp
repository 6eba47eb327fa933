#include "model/kernels/cuda_module.h"

#include "base/error.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

TEST_CASE("a GPU can either be used or it is said why not", "[model]") {
    const CudaStatus& status = cuda_status();
    CHECK(status.loaded == status.reason.empty());
    if (status.loaded) {
        CHECK(status.module_found);
        REQUIRE_FALSE(status.devices.empty());
        CHECK(status.devices.front().memory > 0);
        CHECK_NOTHROW(require_cuda());
    } else {
        CHECK_THROWS_AS(require_cuda(), RunError);
    }
}

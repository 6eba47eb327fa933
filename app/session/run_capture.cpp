#include <system_error>

#include "app/session/model_services.h"

namespace alluvium {

void run_capture(const ModelServices& model, const CaptureJob& job, Progress& progress) {
    std::filesystem::create_directories(job.output.parent_path());
    try {
        model.capture(job, progress);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(job.output, ignored);
        throw;
    }
}

}  // namespace alluvium

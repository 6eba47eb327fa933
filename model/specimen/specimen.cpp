#include "model/specimen/specimen.h"

#include "base/assets.h"

namespace alluvium {

std::filesystem::path specimen_folder() {
    return find_asset("assets/specimen/config.json").parent_path();
}

std::filesystem::path specimen_trace() {
    return find_asset("captures/examples/specimen-hybrid-k.h5");
}

}  // namespace alluvium

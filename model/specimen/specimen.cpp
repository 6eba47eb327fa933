#include "model/specimen/specimen.h"

#include "base/assets.h"
#include "base/error.h"

namespace alluvium {

std::filesystem::path specimen_folder() {
    try {
        return find_asset("assets/specimen/config.json").parent_path();
    } catch (const UserError&) {
        return find_asset("assets/specimen-untrained/config.json").parent_path();
    }
}

}  // namespace alluvium

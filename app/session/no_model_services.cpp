#include "app/session/model_services.h"

namespace alluvium {

ModelServices model_services() {
    return {};
}

}  // namespace alluvium

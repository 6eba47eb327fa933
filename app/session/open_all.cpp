#include "app/session/open_all.h"

namespace alluvium {

void open_all(Session& session, const std::vector<std::string>& paths) {
    const bool first = session.view().a.empty();
    int traces = 0;
    for (const std::string& path : paths) {
        const bool trace = path.ends_with(".h5") || path.ends_with(".hdf5");
        ShowAs show = ShowAs::automatic;
        if (trace && first) {
            show = traces == 0 ? ShowAs::a : traces == 1 ? ShowAs::b : ShowAs::nothing;
        }
        session.open(path, show);
        traces += trace ? 1 : 0;
    }
}

}  // namespace alluvium

#include "app/session/documents.h"

#include <algorithm>

namespace alluvium {
namespace {

template <typename Document>
const Document* find(const std::vector<Document>& documents, const std::string& id) {
    const auto found = std::find_if(documents.begin(), documents.end(),
                                    [&](const Document& d) { return d.id == id; });
    return found == documents.end() ? nullptr : &*found;
}

template <typename Document>
void put(std::vector<Document>& documents, Document document) {
    for (Document& old : documents) {
        if (old.id != document.id) continue;
        old = std::move(document);
        return;
    }
    documents.push_back(std::move(document));
}

}  // namespace

const TraceDocument* Documents::trace(const std::string& id) const {
    return find(traces_, id);
}

const CheckpointDocument* Documents::checkpoint(const std::string& id) const {
    return find(checkpoints_, id);
}

void Documents::add_trace(const std::string& id, TracePtr trace) {
    put(traces_, {.id = id,
                  .name = std::filesystem::path(id).stem().string(),
                  .serial = next_serial_++,
                  .trace = std::move(trace)});
}

void Documents::add_checkpoint(const std::string& id, CheckpointSummary summary) {
    put(checkpoints_, {.id = id,
                       .name = std::filesystem::path(id).filename().string(),
                       .summary = std::move(summary)});
}

void Documents::close(const std::string& id) {
    std::erase_if(traces_, [&](const TraceDocument& d) { return d.id == id; });
    std::erase_if(checkpoints_, [&](const CheckpointDocument& d) { return d.id == id; });
}

void Documents::close_all() {
    traces_.clear();
    checkpoints_.clear();
}

std::vector<std::string> Documents::ids() const {
    std::vector<std::string> all;
    for (const CheckpointDocument& document : checkpoints_) all.push_back(document.id);
    for (const TraceDocument& document : traces_) all.push_back(document.id);
    return all;
}

std::string document_id(const std::filesystem::path& path) {
    std::string id = std::filesystem::absolute(path).lexically_normal().string();
    while (id.size() > 1 && id.ends_with('/')) id.pop_back();
    return id;
}

}  // namespace alluvium

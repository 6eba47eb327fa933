#pragma once
// What is open. Ids are absolute paths: the same in every session.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/session/model_services.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct TraceDocument {
    std::string id;
    std::string name;          // the file's stem
    std::uint64_t serial = 0;  // of this opening; part of the key of every result
    TracePtr trace;
};

struct CheckpointDocument {
    std::string id;
    std::string name;  // the folder's name
    CheckpointSummary summary;
};

class Documents {
  public:
    const std::vector<TraceDocument>& traces() const { return traces_; }
    const std::vector<CheckpointDocument>& checkpoints() const { return checkpoints_; }
    // nullptr where nothing with this id is open.
    const TraceDocument* trace(const std::string& id) const;
    const CheckpointDocument* checkpoint(const std::string& id) const;

    // A document with the same id is replaced where it stands.
    void add_trace(const std::string& id, TracePtr trace);
    void add_checkpoint(const std::string& id, CheckpointSummary summary);
    void close(const std::string& id);
    void close_all();
    std::vector<std::string> ids() const;  // checkpoints, then traces

  private:
    std::vector<TraceDocument> traces_;
    std::vector<CheckpointDocument> checkpoints_;
    std::uint64_t next_serial_ = 1;
};

std::string document_id(const std::filesystem::path& path);

}  // namespace alluvium

#pragma once
#include <string>

#include "base/files.h"
#include "model/families/family.h"
#include "tests/model/goldens.h"
#include "tests/model/safetensors_file.h"
#include "tests/support/temporary_folder.h"

namespace alluvium::test {

// A golden checkpoint with another config or other tensors.
class AlteredGolden {
  public:
    explicit AlteredGolden(const std::string& golden)
        : path_(copy_golden(golden, folder_ / "model")),
          config(read_json(path_ / "config.json")),
          tensors(raw_tensors(*Checkpoint::open(path_))) {}

    CheckpointPtr checkpoint() const {
        std::ofstream(path_ / "config.json") << config.dump();
        write_safetensors(path_ / "model.safetensors", tensors);
        return Checkpoint::open(path_);
    }
    ModelSpec spec() const { return model_spec(*checkpoint()); }

    // Numbers of an F32 tensor that is there.
    void set(const std::string& name, const std::vector<float>& values) {
        RawTensor& tensor = tensors.at(name);
        tensor.dtype = "F32";
        tensor.bytes.assign(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(float));
    }

  private:
    TemporaryFolder folder_;
    std::filesystem::path path_;

  public:
    Json config;
    RawTensors tensors;
};

}  // namespace alluvium::test

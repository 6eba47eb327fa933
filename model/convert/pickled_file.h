#pragma once
// One file of pickled weights (pytorch_model.bin), mapped: nothing in it is executed.
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include "model/convert/pickle.h"
#include "model/convert/zip_entries.h"

namespace alluvium {

class MappedFile;

class PickledFile {
  public:
    // UserError naming the file where it is none that torch.save writes, holds anything but
    // tensors, dictionaries, lists and numbers, or a tensor reaches beyond its storage.
    explicit PickledFile(const std::filesystem::path& path);

    const std::map<std::string, PickledTensor>& tensors() const { return tensors_; }
    // Strided as the file says: a view over the mapping, or, where the storage lies at an odd
    // address, a copy.
    at::Tensor tensor(const std::string& name) const;

  private:
    std::span<const std::byte> storage(const PickledTensor& tensor) const;
    void read_zip();
    void read_legacy();
    void check(const std::string& name, const PickledTensor& tensor) const;

    std::string path_;
    std::shared_ptr<const MappedFile> file_;
    ZipEntries storages_;  // by key
    std::map<std::string, PickledTensor> tensors_;
};

}  // namespace alluvium

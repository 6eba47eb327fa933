#pragma once
// Arrays as numpy.load() reads them: a zip archive of .npy files, nothing compressed.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace alluvium {

class NpzFile {
  public:
    // Adds an array of the given shape in row-major order.
    void add(const std::string& name, std::span<const double> values,
             std::vector<std::size_t> shape);
    void add(const std::string& name, std::span<const std::uint32_t> values,
             std::vector<std::size_t> shape);
    void add(const std::string& name, std::span<const std::int32_t> values,
             std::vector<std::size_t> shape);
    void add(const std::string& name, std::span<const std::uint16_t> values,
             std::vector<std::size_t> shape);

    // The file appears whole or not at all. Errors as write_file_atomically(); RunError beyond the
    // 4 GiB that a plain zip can hold.
    void write(const std::filesystem::path& path) const;

  private:
    struct Entry {
        std::string name, content;  // of the .npy file
        std::uint32_t crc = 0;
    };
    template <typename T>
    void add_values(const std::string& name, std::span<const T> values, const char* type,
                    const std::vector<std::size_t>& shape);

    std::vector<Entry> entries_;
};

}  // namespace alluvium

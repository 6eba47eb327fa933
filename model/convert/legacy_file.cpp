#include "model/convert/legacy_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "model/checkpoint/dtype.h"
#include "model/convert/pickle_machine.h"

namespace alluvium {
namespace {

using Kind = PickleValue::Kind;

// 0x1950a86a20f9469cfc6c, pickled by protocol 2.
constexpr std::array<std::uint8_t, 15> kMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

// Reads pickles one behind the other.
class PickleRow {
  public:
    PickleRow(std::span<const std::byte> bytes, const std::string& source)
        : bytes_(bytes), source_(source) {}

    // The next one through use(machine, its result).
    template <typename Use>
    void next(Use&& use) {
        PickleMachine machine(bytes_, source_);
        use(machine, machine.value(machine.run()));
        bytes_ = bytes_.subspan(machine.consumed());
    }
    std::span<const std::byte> rest() const { return bytes_; }

  private:
    std::span<const std::byte> bytes_;
    const std::string& source_;
};

void check_machine(const PickleMachine& machine, const PickleValue& said) {
    for (std::size_t i = 0; i + 1 < said.items.size(); i += 2) {
        const PickleValue& key = machine.value(said.items[i]);
        const PickleValue& value = machine.value(said.items[i + 1]);
        const bool order = key.kind == Kind::text && key.text == "little_endian";
        if (order && value.kind == Kind::boolean && value.integer == 0) {
            machine.refuse("it was saved on a big-endian machine");
        }
    }
}

std::vector<std::string> texts_of(const PickleMachine& machine, const PickleValue& list) {
    std::vector<std::string> texts;
    for (const PickleId item : list.items) texts.push_back(machine.value(item).text);
    return texts;
}

}  // namespace

bool is_legacy_file(std::span<const std::byte> file) {
    return file.size() > kMagic.size() &&
           std::memcmp(file.data(), kMagic.data(), kMagic.size()) == 0;
}

LegacyFile read_legacy_file(std::span<const std::byte> file, const std::string& source) {
    LegacyFile result;
    std::map<std::string, std::string> dtypes;
    std::vector<std::string> keys;
    PickleRow row(file.subspan(std::min(kMagic.size(), file.size())), source);
    row.next([](const PickleMachine&, const PickleValue&) {});  // the version
    row.next(check_machine);
    row.next([&](const PickleMachine& machine, const PickleValue& root) {
        result.tensors = named_tensors(machine, root);
        dtypes = machine.storages();
    });
    row.next([&](const PickleMachine& machine, const PickleValue& list) {
        keys = texts_of(machine, list);
    });

    std::span<const std::byte> bytes = row.rest();
    const auto take = [&](std::uint64_t count) {
        if (count > bytes.size()) {
            throw UserError("'" + source + "' is cut short inside its storages",
                            "fetch the file again");
        }
        const std::span<const std::byte> taken = bytes.first(count);
        bytes = bytes.subspan(count);
        return taken;
    };
    for (const std::string& key : keys) {
        std::uint64_t elements = 0;
        std::memcpy(&elements, take(sizeof elements).data(), sizeof elements);
        const auto dtype = dtypes.find(key);
        if (dtype == dtypes.end()) {
            throw UserError("'" + source + "' has a storage '" + key + "' that it never names",
                            "fetch the file again");
        }
        const auto width = static_cast<std::uint64_t>(find_dtype(dtype->second)->bits / 8);
        // More elements than the file has bytes would overflow their product.
        result.storages[key] = take(std::min(elements, bytes.size() + 1) * width);
    }
    return result;
}

}  // namespace alluvium

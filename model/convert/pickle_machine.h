#pragma once
// The stack machine behind read_pickled_tensors().
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace alluvium {

using PickleId = std::uint32_t;  // of a value in the machine's pool

// Values refer to each other by number, so that neither deep nesting nor a cycle can hurt.
struct PickleValue {
    enum class Kind {
        none,
        boolean,
        integer,
        real,
        text,
        sequence,
        dictionary,
        global,
        storage,
        tensor
    };

    Kind kind = Kind::none;
    std::int64_t integer = 0;  // boolean, integer; of a storage: its number of elements
    double real = 0;
    std::string text{};             // text; of a global: "module name"; of a storage: its key
    std::string dtype{};            // of a storage
    std::vector<PickleId> items{};  // sequence; dictionary: key, value, key, value; tensor: see cpp
};

class PickleMachine {
  public:
    PickleMachine(std::span<const std::byte> program, std::string source);

    // The result of the whole program.
    PickleId run();
    const PickleValue& value(PickleId id) const { return pool_[id]; }
    std::uint64_t consumed() const { return at_; }  // bytes of the program
    // What every storage that was named holds, by its key.
    std::map<std::string, std::string> storages() const;
    [[noreturn]] void refuse(const std::string& why) const;

  private:
    using Kind = PickleValue::Kind;

    bool step();  // false: the program has ended
    bool push_constant(std::uint8_t code);
    bool collect(std::uint8_t code);
    bool remember(std::uint8_t code);
    void call();
    void make_storage();

    std::span<const std::byte> take(std::uint64_t bytes);
    template <typename T>
    T number();
    std::string text(std::uint64_t bytes);
    std::string line();

    PickleId add(PickleValue value);
    void push(PickleValue value) { stack_.push_back(add(std::move(value))); }
    PickleId pop();
    std::vector<PickleId> pop_to_mark();
    void push_sequence(std::vector<PickleId> items);
    void push_global(const std::string& module, const std::string& name);
    PickleValue& top(Kind kind);
    const PickleValue& expect(PickleId id, Kind kind) const;
    void recall(std::uint32_t slot);

    std::span<const std::byte> program_;
    std::string source_;
    std::uint64_t at_ = 0;
    std::vector<PickleValue> pool_;
    std::vector<PickleId> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint32_t, PickleId> memo_;
};

}  // namespace alluvium

#include "model/convert/pickle_machine.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/error.h"

namespace alluvium {
namespace {

using Kind = PickleValue::Kind;

// Far more than the largest checkpoint has; what keeps a hostile file from filling the memory.
constexpr std::size_t kMostValues = 4'000'000;

// The functions that a file may name, and what a storage of each class holds.
constexpr std::array kFunctions = {
    std::string_view("collections OrderedDict"),
    std::string_view("torch._utils _rebuild_tensor_v2"),
    std::string_view("torch._utils _rebuild_parameter"),
};
struct StorageClass {
    std::string_view global, dtype;
};
constexpr std::array kStorages = {
    StorageClass{"torch FloatStorage", "F32"},     StorageClass{"torch HalfStorage", "F16"},
    StorageClass{"torch BFloat16Storage", "BF16"}, StorageClass{"torch DoubleStorage", "F64"},
    StorageClass{"torch LongStorage", "I64"},      StorageClass{"torch IntStorage", "I32"},
    StorageClass{"torch ShortStorage", "I16"},     StorageClass{"torch CharStorage", "I8"},
    StorageClass{"torch ByteStorage", "U8"},       StorageClass{"torch BoolStorage", "BOOL"},
};

std::string_view storage_dtype(std::string_view global) {
    const auto* found = std::ranges::find(kStorages, global, &StorageClass::global);
    return found == kStorages.end() ? std::string_view() : found->dtype;
}

}  // namespace

PickleMachine::PickleMachine(std::span<const std::byte> program, std::string source)
    : program_(program), source_(std::move(source)) {}

void PickleMachine::refuse(const std::string& why) const {
    throw UserError("'" + source_ + "' cannot be read: " + why,
                    "only dictionaries of tensors are read, and nothing is executed");
}

// ---- the program's bytes --------------------------------------------------------------------

std::span<const std::byte> PickleMachine::take(std::uint64_t bytes) {
    if (bytes > program_.size() - at_) refuse("its pickle is cut short");
    const auto result = program_.subspan(at_, bytes);
    at_ += bytes;
    return result;
}

template <typename T>
T PickleMachine::number() {
    T value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
}

std::string PickleMachine::text(std::uint64_t bytes) {
    const auto part = take(bytes);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

std::string PickleMachine::line() {
    std::string result;
    for (char c = number<char>(); c != '\n'; c = number<char>()) result += c;
    return result;
}

// ---- the stack ------------------------------------------------------------------------------

PickleId PickleMachine::add(PickleValue value) {
    if (pool_.size() == kMostValues) refuse("it holds more values than any checkpoint");
    pool_.push_back(std::move(value));
    return static_cast<PickleId>(pool_.size() - 1);
}

PickleId PickleMachine::pop() {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) refuse("its pickle takes a value that is not there");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
}

std::vector<PickleId> PickleMachine::pop_to_mark() {
    if (marks_.empty()) refuse("its pickle takes values that are not there");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
}

void PickleMachine::push_sequence(std::vector<PickleId> items) {
    push({.kind = Kind::sequence, .items = std::move(items)});
}

PickleValue& PickleMachine::top(Kind kind) {
    const PickleId id = pop();
    stack_.push_back(id);
    expect(id, kind);
    return pool_[id];
}

const PickleValue& PickleMachine::expect(PickleId id, Kind kind) const {
    if (pool_[id].kind != kind) refuse("its pickle puts a value where another kind belongs");
    return pool_[id];
}

void PickleMachine::push_global(const std::string& module, const std::string& name) {
    const std::string global = module + " " + name;
    if (std::ranges::find(kFunctions, global) == kFunctions.end() &&
        storage_dtype(global).empty()) {
        refuse("it asks for '" + module + "." + name +
               "', which is none of tensors, dictionaries, lists and numbers");
    }
    push({.kind = Kind::global, .text = global});
}

void PickleMachine::recall(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) refuse("its pickle recalls a value that it never stored");
    stack_.push_back(found->second);
}

// ---- what torch says ------------------------------------------------------------------------

std::map<std::string, std::string> PickleMachine::storages() const {
    std::map<std::string, std::string> dtypes;
    for (const PickleValue& value : pool_) {
        if (value.kind == Kind::storage) dtypes[value.text] = value.dtype;
    }
    return dtypes;
}

// ("storage", class, key, device, elements), before torch 1.6 with what it is a view of.
void PickleMachine::make_storage() {
    const PickleValue& said = expect(pop(), Kind::sequence);
    if (said.items.size() < 5 || expect(said.items[0], Kind::text).text != "storage") {
        refuse("its pickle names a storage in an unknown way");
    }
    const std::string& global = expect(said.items[1], Kind::global).text;
    PickleValue storage{.kind = Kind::storage};
    storage.dtype = storage_dtype(global);
    storage.text = expect(said.items[2], Kind::text).text;
    storage.integer = expect(said.items[4], Kind::integer).integer;
    if (said.items.size() > 5 && value(said.items[5]).kind != Kind::none) {
        refuse("storage '" + storage.text + "' is a view of another storage");
    }
    if (storage.dtype.empty()) refuse("'" + global + "' is no kind of storage");
    push(std::move(storage));
}

// A tensor keeps the arguments of its making: storage, offset, shape, stride, ...
void PickleMachine::call() {
    const std::vector<PickleId> arguments = expect(pop(), Kind::sequence).items;
    const std::string function = expect(pop(), Kind::global).text;
    if (function == "collections OrderedDict") {
        if (!arguments.empty()) refuse("its pickle makes a dictionary in an unknown way");
        push({.kind = Kind::dictionary});
    } else if (function == "torch._utils _rebuild_tensor_v2" && arguments.size() >= 4) {
        push({.kind = Kind::tensor, .items = arguments});
    } else if (function == "torch._utils _rebuild_parameter" && !arguments.empty()) {
        expect(arguments[0], Kind::tensor);
        stack_.push_back(arguments[0]);
    } else {
        refuse("it calls '" + function + "' in an unknown way");
    }
}

// ---- the instructions -----------------------------------------------------------------------

// Names as in Python's pickletools.
bool PickleMachine::push_constant(std::uint8_t code) {
    const auto integer = [this](std::int64_t value, Kind kind = Kind::integer) {
        push({.kind = kind, .integer = value});
    };
    switch (code) {
        case 'N':
            push({});
            break;  // NONE
        case 0x88:
            integer(1, Kind::boolean);
            break;  // NEWTRUE
        case 0x89:
            integer(0, Kind::boolean);
            break;  // NEWFALSE
        case 'J':
            integer(number<std::int32_t>());
            break;  // BININT
        case 'K':
            integer(number<std::uint8_t>());
            break;  // BININT1
        case 'M':
            integer(number<std::uint16_t>());
            break;    // BININT2
        case 0x8a: {  // LONG1
            const auto bytes = take(number<std::uint8_t>());
            if (bytes.size() > sizeof(std::int64_t)) refuse("it holds a number of over 64 bits");
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data(), bytes.size());
            const std::size_t unused = 64 - 8 * bytes.size();
            integer(bytes.empty() ? 0
                                  : static_cast<std::int64_t>(value << unused) >>
                                        static_cast<std::int64_t>(unused));
            break;
        }
        case 'G': {  // BINFLOAT, big-endian
            const auto bits = std::bit_cast<std::uint64_t>(number<std::uint64_t>());
            push({.kind = Kind::real, .real = std::bit_cast<double>(__builtin_bswap64(bits))});
            break;
        }
        case 'X':
        case 'T':
            push({.kind = Kind::text, .text = text(number<std::uint32_t>())});
            break;
        case 0x8c:
        case 'U':
            push({.kind = Kind::text, .text = text(number<std::uint8_t>())});
            break;
        case 0x8d:
            push({.kind = Kind::text, .text = text(number<std::uint64_t>())});
            break;
        case ')':
        case ']':
            push_sequence({});
            break;  // EMPTY_TUPLE, EMPTY_LIST
        case '}':
            push({.kind = Kind::dictionary});
            break;  // EMPTY_DICT
        default:
            return false;
    }
    return true;
}

bool PickleMachine::collect(std::uint8_t code) {
    const auto append = [this](const std::vector<PickleId>& items, Kind kind) {
        if (kind == Kind::dictionary && items.size() % 2 != 0) refuse("its pickle is malformed");
        std::vector<PickleId>& to = top(kind).items;
        to.insert(to.end(), items.begin(), items.end());
    };
    switch (code) {
        case '(':
            marks_.push_back(stack_.size());
            break;  // MARK
        case 't':
        case 'l':
            push_sequence(pop_to_mark());
            break;   // TUPLE, LIST
        case 'd': {  // DICT
            const std::vector<PickleId> items = pop_to_mark();
            push({.kind = Kind::dictionary});
            append(items, Kind::dictionary);
            break;
        }
        case 0x85:
        case 0x86:
        case 0x87: {  // TUPLE1, TUPLE2, TUPLE3
            std::vector<PickleId> items(code - 0x84U);
            for (std::size_t i = items.size(); i-- > 0;) items[i] = pop();
            push_sequence(std::move(items));
            break;
        }
        case 'a': {
            const PickleId item = pop();
            append({item}, Kind::sequence);
            break;
        }
        case 'e':
            append(pop_to_mark(), Kind::sequence);
            break;   // APPENDS
        case 's': {  // SETITEM
            const PickleId value = pop();
            const PickleId key = pop();
            append({key, value}, Kind::dictionary);
            break;
        }
        case 'u':
            append(pop_to_mark(), Kind::dictionary);
            break;  // SETITEMS
        default:
            return false;
    }
    return true;
}

bool PickleMachine::remember(std::uint8_t code) {
    const auto store = [this](std::uint32_t slot) {
        const PickleId id = pop();
        stack_.push_back(id);
        memo_[slot] = id;
    };
    switch (code) {
        case 'q':
            store(number<std::uint8_t>());
            break;  // BINPUT
        case 'r':
            store(number<std::uint32_t>());
            break;  // LONG_BINPUT
        case 0x94:
            store(static_cast<std::uint32_t>(memo_.size()));
            break;  // MEMOIZE
        case 'h':
            recall(number<std::uint8_t>());
            break;  // BINGET
        case 'j':
            recall(number<std::uint32_t>());
            break;  // LONG_BINGET
        default:
            return false;
    }
    return true;
}

bool PickleMachine::step() {
    const auto code = number<std::uint8_t>();
    if (push_constant(code) || collect(code) || remember(code)) return true;
    switch (code) {
        case '.':
            return false;  // STOP
        case 0x80:
            take(1);
            break;  // PROTO
        case 0x95:
            take(8);
            break;  // FRAME
        case '0':
            pop();
            break;   // POP
        case 'c': {  // GLOBAL
            const std::string module = line();
            push_global(module, line());
            break;
        }
        case 0x93: {  // STACK_GLOBAL
            const std::string name = expect(pop(), Kind::text).text;
            push_global(expect(pop(), Kind::text).text, name);
            break;
        }
        case 'Q':
            make_storage();
            break;  // BINPERSID
        case 'R':
            call();
            break;  // REDUCE
        case 'b':
            pop();
            top(Kind::dictionary);
            break;  // BUILD: an OrderedDict's attributes
        default:
            refuse("its pickle has the instruction " + std::to_string(code) + " at byte " +
                   std::to_string(at_ - 1) + ", which tensors do not need");
    }
    return true;
}

PickleId PickleMachine::run() {
    while (step()) {
    }
    return pop();
}

}  // namespace alluvium

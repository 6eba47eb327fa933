#include "model/convert/pickle.h"

#include <optional>

#include "model/convert/pickle_machine.h"

namespace alluvium {
namespace {

using Kind = PickleValue::Kind;

std::vector<std::int64_t> numbers(const PickleMachine& machine, PickleId id) {
    std::vector<std::int64_t> result;
    if (machine.value(id).kind != Kind::sequence) machine.refuse("a tensor's shape is no list");
    for (const PickleId item : machine.value(id).items) {
        if (machine.value(item).kind != Kind::integer || machine.value(item).integer < 0) {
            machine.refuse("a tensor's shape is no list of numbers");
        }
        result.push_back(machine.value(item).integer);
    }
    return result;
}

PickledTensor tensor_of(const PickleMachine& machine, const PickleValue& made) {
    const PickleValue& storage = machine.value(made.items[0]);
    const PickleValue& offset = machine.value(made.items[1]);
    if (storage.kind != Kind::storage || offset.kind != Kind::integer) {
        machine.refuse("a tensor is made in an unknown way");
    }
    PickledTensor tensor{storage.text,
                         storage.dtype,
                         storage.integer,
                         offset.integer,
                         numbers(machine, made.items[2]),
                         numbers(machine, made.items[3])};
    if (tensor.shape.size() != tensor.stride.size() || tensor.offset < 0 || tensor.held < 0) {
        machine.refuse("a tensor is made in an unknown way");
    }
    return tensor;
}

// The entries of a dictionary whose values are of a kind.
template <typename Use>
void for_each(const PickleMachine& machine, const PickleValue& dictionary, Kind kind, Use use) {
    for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
        const PickleValue& key = machine.value(dictionary.items[i]);
        const PickleValue& value = machine.value(dictionary.items[i + 1]);
        if (key.kind == Kind::text && value.kind == kind) use(key.text, value);
    }
}

std::map<std::string, PickledTensor> tensors_in(const PickleMachine& machine,
                                                const PickleValue& dictionary) {
    std::map<std::string, PickledTensor> tensors;
    for_each(machine, dictionary, Kind::tensor, [&](const std::string& name, const auto& made) {
        tensors[name] = tensor_of(machine, made);
    });
    return tensors;
}

}  // namespace

std::map<std::string, PickledTensor> read_pickled_tensors(std::span<const std::byte> pickle,
                                                          const std::string& source) {
    PickleMachine machine(pickle, source);
    return named_tensors(machine, machine.value(machine.run()));
}

std::map<std::string, PickledTensor> named_tensors(const PickleMachine& machine,
                                                   const PickleValue& root) {
    if (root.kind != Kind::dictionary) machine.refuse("it holds no dictionary");
    std::map<std::string, PickledTensor> tensors = tensors_in(machine, root);
    if (tensors.empty()) {
        for_each(machine, root, Kind::dictionary, [&](const std::string& name, const auto& inner) {
            if (name == "state_dict" || name == "model") tensors = tensors_in(machine, inner);
        });
    }
    if (tensors.empty()) machine.refuse("it holds no tensor by name");
    return tensors;
}

}  // namespace alluvium

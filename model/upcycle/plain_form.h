#pragma once
// The tensors of a dense model as a plain decoder stores them. Gemma's norms hold their weight's
// distance from 1 and its embeddings are multiplied on their way in, which no routed layout says:
// the norms take up the 1, in f32, where it costs no digit, and the embeddings their factor,
// rounded to their own type as the published implementation rounds them in that type. The output
// head, which shares the embeddings, then becomes a tensor of its own.
#include <functional>
#include <map>
#include <string>

#include <ATen/core/Tensor.h>

namespace alluvium {

struct ModelSpec;

struct PlainForm {
    struct Changed {
        std::string dtype;  // as in the file's header; empty: as it was
        std::function<at::Tensor(const at::Tensor& stored)> make;
    };
    std::map<std::string, Changed> changed;  // by the tensor's name
    std::string own_head;  // the name of the new output head; empty: none is needed
};

PlainForm plain_form(const ModelSpec& spec);

}  // namespace alluvium

// Runs a checkpoint and writes what the forward pass computed as .npy files under the names that
// reference implementations' dumps use, so that a script can compare the two.
//
// usage: alluvium_dump CHECKPOINT OUT_DIR IDS_FILE [--dtype f32|bf16|f16|auto] [--device D]
//                      [--batch-invariant]
// IDS_FILE: token ids separated by blanks, one prompt a line; the prompts are packed into one
// batch.
#include <fstream>
#include <iostream>
#include <sstream>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"

namespace {

using namespace alluvium;

struct Arguments {
    std::filesystem::path checkpoint;
    std::filesystem::path out;
    std::filesystem::path ids;
    std::string dtype = "f32";
    std::string device = "cpu";
    bool batch_invariant = false;
};

Arguments parse(std::vector<std::string> words) {
    if (words.size() < 3) throw UserError("usage: alluvium_dump CHECKPOINT OUT_DIR IDS_FILE ...");
    Arguments out{words[0], words[1], words[2]};
    for (std::size_t i = 3; i < words.size(); ++i) {
        if (words[i] == "--batch-invariant") {
            out.batch_invariant = true;
        } else if (words[i] == "--dtype" && i + 1 < words.size()) {
            out.dtype = words[++i];
        } else if (words[i] == "--device" && i + 1 < words.size()) {
            out.device = words[++i];
        } else {
            throw UserError("unknown option '" + words[i] + "'");
        }
    }
    return out;
}

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0
void write_npy(const std::filesystem::path& path, const at::Tensor& tensor) {
    const bool whole = !tensor.is_floating_point();
    const at::Tensor data = tensor.to(at::kCPU, whole ? at::kLong : at::kFloat).contiguous();
    std::string header = std::string("{'descr': '") + (whole ? "<i8" : "<f4") +
                         "', 'fortran_order': False, 'shape': (";
    for (const std::int64_t size : data.sizes()) header += std::to_string(size) + ",";
    header += "), }";
    header.resize((10 + header.size() + 64) / 64 * 64 - 11, ' ');
    header += '\n';
    std::ofstream file(path, std::ios::binary);
    file << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() & 0xff)
         << static_cast<char>(header.size() >> 8) << header;
    file.write(static_cast<const char*>(data.const_data_ptr()),
               static_cast<std::streamsize>(data.nbytes()));
}

TokenBatch read_batch(const std::filesystem::path& path) {
    TokenBatch batch;
    std::istringstream lines(read_file(path));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::int64_t> ids;
        for (std::int64_t id = 0; words >> id;) ids.push_back(id);
        batch.append(ids);
    }
    return batch;
}

class Recorder final : public RoutingObserver {
  public:
    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }

    void on_routed(const RoutedBatch& routed) override {
        layers_.push_back(routed.layer);
        keep("moe_in", routed.input);
        keep("router_logits", routed.logits);
        keep("topk_ids", routed.experts);
        keep("topk_weights", routed.weights);
        keep("margin", routed.margin);
    }
    void on_hidden(LayerId, const at::Tensor& hidden) override { keep("hidden", hidden); }
    void on_output(std::int64_t, const at::Tensor& logits) override {
        output_.push_back(logits.cpu());
    }

    void write(const std::filesystem::path& folder, const TokenBatch& batch) const {
        std::filesystem::create_directories(folder);
        for (const auto& [name, parts] : arrays_) {
            write_npy(folder / (name + ".npy"), at::stack(parts));
        }
        write_npy(folder / "logits.npy", at::cat(output_));
        write_npy(folder / "input_ids.npy", at::tensor(batch.ids));
        if (!layers_.empty()) write_npy(folder / "moe_layers.npy", at::tensor(layers_));
    }

  private:
    void keep(const std::string& name, const at::Tensor& tensor) {
        arrays_[name].push_back(
            tensor.to(at::kCPU, tensor.is_floating_point() ? at::kFloat : at::kLong, false, true));
    }

    std::map<std::string, std::vector<at::Tensor>> arrays_;
    std::vector<at::Tensor> output_;
    std::vector<std::int64_t> layers_;
};

// The first router's rule in words; empty where there is none.
void write_rule(const std::filesystem::path& folder, const ModelSpec& spec) {
    const std::vector<LayerId> routed = spec.routed_layers();
    std::ofstream file(folder / "router.txt");
    if (routed.empty()) return;
    file << sentence(spec.layers[static_cast<std::size_t>(routed.front())].moe()->rule) << '\n';
}

void run(const Arguments& arguments) {
    const CheckpointPtr checkpoint = Checkpoint::open(arguments.checkpoint);
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint),
                                   resolve_compute(arguments.device, arguments.dtype, *checkpoint));
    const TokenBatch batch = read_batch(arguments.ids);
    Recorder recorder;
    Progress progress;
    ForwardPass(model, {.batch_invariant = arguments.batch_invariant, .route = {}})
        .run(batch, recorder, progress);
    recorder.write(arguments.out, batch);
    write_rule(arguments.out, model->spec());
}

}  // namespace

int main(int argc, char** argv) try {
    run(parse({argv + 1, argv + argc}));
    return 0;
} catch (const alluvium::UserError& e) {
    std::cerr << "error: " << e.what() << "\nhint: " << e.hint() << "\n";
    return 2;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
}

#include "model/checkpoint/safetensors_entries.h"

#include "base/json.h"

namespace alluvium {
namespace {

// Follows the parser through {"NAME": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, ...}.
class EntryReader {
  public:
    std::vector<SafetensorsEntry> entries;

    bool start_object(std::size_t) {
        if (depth_ == kList) other("an object");
        ++depth_;
        if (depth_ == kEntry && !metadata_) entries.back().is_object = true;
        return true;
    }
    bool end_object() {
        --depth_;
        return true;
    }
    bool start_array(std::size_t) {
        if (depth_ == kList) other("a list");
        ++depth_;
        if (depth_ == kRoot) return false;
        if (depth_ != kList || metadata_) return true;
        if (field_ == "shape") entries.back().shape.emplace();
        if (field_ == "data_offsets") entries.back().offsets.emplace();
        return true;
    }
    bool end_array() { return end_object(); }

    bool key(std::string& name) {
        if (depth_ == kEntry) field_ = name;
        if (depth_ != kRoot) return true;
        metadata_ = name == "__metadata__";
        if (!metadata_) entries.emplace_back().name = name;
        return true;
    }

    bool number_unsigned(std::uint64_t number) {
        if (depth_ != kList || metadata_) return other(std::to_string(number));
        SafetensorsEntry& entry = entries.back();
        if (field_ == "shape" && entry.shape) entry.shape->push_back(number);
        if (field_ == "data_offsets" && entry.offsets) entry.offsets->push_back(number);
        return true;
    }
    bool string(std::string& text) {
        if (depth_ != kEntry || metadata_ || field_ != "dtype") return other("\"" + text + "\"");
        entries.back().dtype = text;
        return true;
    }
    bool null() { return other("null"); }
    bool boolean(bool value) { return other(value ? "true" : "false"); }
    bool number_integer(std::int64_t number) { return other(std::to_string(number)); }
    bool number_float(double, const std::string& text) { return other(text); }
    bool binary(Json::binary_t&) { return false; }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

  private:
    static constexpr int kRoot = 1, kEntry = 2, kList = 3;  // containers that are open

    // A value of a kind that its place does not ask for.
    bool other(const std::string& text) {
        if (depth_ == 0) return false;
        if (depth_ != kList || metadata_) return true;
        SafetensorsEntry& entry = entries.back();
        if (field_ == "shape" && entry.no_size.empty()) entry.no_size = text;
        if (field_ == "data_offsets") entry.offsets.reset();
        return true;
    }

    int depth_ = 0;
    bool metadata_ = false;
    std::string field_;
};

}  // namespace

std::optional<std::vector<SafetensorsEntry>> read_safetensors_entries(std::string_view header) {
    EntryReader reader;
    if (!Json::sax_parse(header, &reader)) return std::nullopt;
    return std::move(reader.entries);
}

}  // namespace alluvium

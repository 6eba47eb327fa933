#include "model/intervene/intervention.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "base/error.h"
#include "model/forward/row_order.h"

namespace alluvium {
namespace {

template <typename T>
void sort_once(std::vector<T>& values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::string layers_word(const std::vector<LayerId>& layers) {
    std::string word;
    for (const LayerId layer : layers) word += (word.empty() ? "" : ",") + std::to_string(layer);
    return word;
}

bool holds(const RowSelection& rows, std::int64_t position, const std::string& language) {
    const bool spoken = rows.languages.empty() ||
                        std::ranges::find(rows.languages, language) != rows.languages.end();
    return spoken && position >= rows.first_position &&
           position <= rows.last_position.value_or(position);
}

using Acting = std::vector<const Intervention*>;

// Every combination that acts on some token, and maybe some that no prompt has. Selections are
// boxes of positions and languages: where some of them meet, they meet at the first position of
// one of them, in a language that one of them names or in one that none does.
std::set<Acting> combinations(std::span<const Intervention> together) {
    std::set<std::string> languages = {""};
    for (const Intervention& i : together) {
        languages.insert(i.rows.languages.begin(), i.rows.languages.end());
    }
    std::set<Acting> found;
    for (const std::string& language : languages) {
        for (const Intervention& first : together) {
            Acting acting;
            for (const Intervention& i : together) {
                if (holds(i.rows, first.rows.first_position, language)) acting.push_back(&i);
            }
            found.insert(acting);
        }
    }
    return found;
}

// What acts on the same tokens of one layer, by operator.
class LayerChange {
  public:
    LayerChange(const Acting& acting, LayerId layer, const RouterSpec& rule)
        : layer_(layer), rule_(rule) {
        for (const Intervention* i : acting) {
            for (const ExpertTarget& target : i->targets) {
                if (target.layer == layer) named_[i->op].insert(target.expert);
            }
        }
    }

    void check() {
        check_apart(Operator::reroute, Operator::force);
        check_apart(Operator::drop, Operator::mean);
        const int left = rule_.experts - count(Operator::reroute);
        if (left < rule_.top_k) {
            fail(std::to_string(left) + " experts are left, " + std::to_string(rule_.top_k) +
                     " have to be chosen",
                 "name fewer experts, or use --how drop");
        }
        if (count(Operator::force) == 0) return;
        if (rule_.order == SelectionOrder::sparsemixer) {
            fail("sparsemixer gives weights to its own choice only",
                 "use --boost in the place of --force");
        }
        if (count(Operator::force) > rule_.top_k) {
            fail(std::to_string(count(Operator::force)) + " experts are to be forced, " +
                     std::to_string(rule_.top_k) + " are chosen",
                 "name at most " + std::to_string(rule_.top_k) + " in one layer");
        }
    }

  private:
    int count(Operator op) { return static_cast<int>(named_[op].size()); }

    void check_apart(Operator a, Operator b) {
        for (const int expert : named_[a]) {
            if (!named_[b].contains(expert)) continue;
            fail("expert " + std::to_string(expert) + " is a target of " +
                     std::string(operator_word(a)) + " and of " + std::string(operator_word(b)),
                 "on the same tokens one expert can have one of the two");
        }
    }

    [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
        throw UserError("layer " + std::to_string(layer_) + ": " + what, hint);
    }

    LayerId layer_;
    const RouterSpec& rule_;
    std::map<Operator, std::set<int>> named_;
};

}  // namespace

std::string_view operator_word(Operator op) {
    switch (op) {
        case Operator::reroute:
            return "reroute";
        case Operator::drop:
            return "drop";
        case Operator::mean:
            return "mean";
        case Operator::boost:
            return "boost";
        case Operator::force:
            return "force";
        case Operator::swap:
            return "swap";
    }
    return "";
}

Intervention swap_intervention(LanguageSwap swap) {
    Intervention intervention{.op = Operator::swap};
    intervention.rows.languages = {swap.from};
    intervention.swap = std::move(swap);
    return intervention;
}

std::string intervention_words(const Intervention& intervention) {
    std::ostringstream words;
    const RowSelection& rows = intervention.rows;
    words << operator_word(intervention.op) << ' ';
    if (intervention.swap) {
        words << intervention.swap->from << ':' << intervention.swap->to << " in layers "
              << layers_word(intervention.swap->layers);
    } else {
        words << targets_word(intervention.targets);
    }
    if (intervention.op == Operator::boost) words << " (lambda " << intervention.lambda << ")";
    if (rows.first_position > 0 || rows.last_position) {
        words << ", positions " << rows.first_position << "..";
        if (rows.last_position) words << *rows.last_position;
    }
    if (intervention.swap) return words.str();
    for (std::size_t l = 0; l < rows.languages.size(); ++l) {
        words << (l == 0 ? ", languages " : ",") << rows.languages[l];
    }
    return words.str();
}

std::string interventions_words(std::span<const Intervention> together) {
    std::string words;
    for (const Intervention& i : together) {
        words += (words.empty() ? "" : " + ") + intervention_words(i);
    }
    return words;
}

std::vector<LayerId> changed_layers(std::span<const Intervention> together) {
    std::vector<LayerId> layers;
    for (const Intervention& i : together) {
        for (const ExpertTarget& target : i.targets) layers.push_back(target.layer);
        if (i.swap) layers.insert(layers.end(), i.swap->layers.begin(), i.swap->layers.end());
    }
    sort_once(layers);
    return layers;
}

std::vector<ExpertTarget> targets_of(std::span<const Intervention> together) {
    std::vector<ExpertTarget> targets;
    for (const Intervention& i : together) {
        targets.insert(targets.end(), i.targets.begin(), i.targets.end());
    }
    sort_once(targets);
    return targets;
}

void check_interventions(std::span<const Intervention> together, const ModelSpec& spec) {
    for (const Acting& acting : combinations(together)) {
        for (const LayerId layer : changed_layers(together)) {
            const auto place = static_cast<std::size_t>(layer);
            LayerChange(acting, layer, spec.layers[place].moe()->rule).check();
        }
    }
}

at::Tensor selected_rows(const RowSelection& selection, const TokenBatch& batch) {
    at::Tensor rows = at::ones({batch.tokens()}, at::kBool);
    if (selection.everything()) return rows;
    TORCH_CHECK(selection.languages.empty() || batch.languages.size() == batch.prompts(),
                "a selection by language needs a batch that knows its languages");
    auto* keep = rows.mutable_data_ptr<bool>();
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        const std::string language =
            batch.languages.empty() ? std::string() : batch.languages[prompt];
        const RowOrder order = row_order(batch, prompt);
        for (std::size_t row = 0; row < order.position.size(); ++row) {
            *keep++ = holds(selection, order.position[row], language);
        }
    }
    return rows;
}

}  // namespace alluvium

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "analysis/slices/slice.h"
#include "analysis/slices/slice_words.h"
#include "base/error.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

using Kind = SliceWord::Kind;

constexpr int kDeepest = 100;  // parentheses and negations inside each other

std::string lower_case(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// The number after `letter`, to the end of the text.
std::optional<int> numbered(std::string_view text, char letter) {
    if (text.size() < 2 || lower_case(std::string(text.substr(0, 1)))[0] != letter) return {};
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, number);
    if (error != std::errc{} || stop != end || number < 0 || number >= kMissingExpert) return {};
    return number;
}

// "L22:E3|E5"; nothing where the word is no step of a route.
std::optional<RouteStep> route_step(const SliceWord& word) {
    const std::string_view text = word.text;
    const std::size_t colon = text.find(':');
    if (word.kind != Kind::word || colon == std::string_view::npos) return {};
    const std::optional<int> layer = numbered(text.substr(0, colon), 'l');
    if (!layer) return {};
    RouteStep step{*layer, {}, word.place};
    for (std::size_t begin = colon + 1; begin <= text.size();) {
        const std::size_t end = std::min(text.find('|', begin), text.size());
        const std::optional<int> expert = numbered(text.substr(begin, end - begin), 'e');
        if (!expert) return {};
        step.experts.push_back(static_cast<ExpertId>(*expert));
        begin = end + 1;
    }
    return step;
}

SliceOperator operator_of(const std::string& text) {
    if (text == "!=") return SliceOperator::unequal;
    if (text == "<") return SliceOperator::less;
    if (text == "<=") return SliceOperator::at_most;
    if (text == ">") return SliceOperator::more;
    if (text == ">=") return SliceOperator::at_least;
    return SliceOperator::equal;
}

class Parser {
  public:
    explicit Parser(const Slice& slice) : slice_(slice), words_(split_slice(slice)) {}

    SliceNode parse() {
        if (peek().kind == Kind::end) {
            refuse_slice(slice_, peek().place, "nothing is named", "for instance language=fr");
        }
        SliceNode node = any();
        if (peek().kind != Kind::end) expected("'and', 'or' or the end");
        return node;
    }

  private:
    const SliceWord& peek() const { return words_[at_]; }
    const SliceWord& next() { return words_[at_ + 1 < words_.size() ? at_++ : at_]; }
    bool is_keyword(std::string_view keyword) const {
        return peek().kind == Kind::word && lower_case(peek().text) == keyword;
    }
    bool take_keyword(std::string_view keyword) {
        if (!is_keyword(keyword)) return false;
        next();
        return true;
    }
    void take(Kind kind, const std::string& what) {
        if (peek().kind != kind) expected(what);
        next();
    }

    [[noreturn]] void expected(const std::string& what) const {
        const bool end = peek().kind == Kind::end;
        refuse_slice(slice_, peek().place,
                     "expected " + what + (end ? " at the end" : " before '" + peek().text + "'"),
                     "for instance: language in (fr, es) and class=word and not L3:E5");
    }

    SliceNode joined(SliceNode::Kind kind, std::string_view keyword, SliceNode (Parser::*part)()) {
        SliceNode first = (this->*part)();
        if (!is_keyword(keyword)) return first;
        SliceNode node{.kind = kind, .place = first.place};
        node.children.push_back(std::move(first));
        while (take_keyword(keyword)) node.children.push_back((this->*part)());
        node.place.end = node.children.back().place.end;
        return node;
    }

    SliceNode any() { return joined(SliceNode::Kind::any_of, "or", &Parser::all); }
    SliceNode all() { return joined(SliceNode::Kind::all_of, "and", &Parser::one); }

    SliceNode one() {
        if (++depth_ > kDeepest) {
            refuse_slice(slice_, peek().place, "too many parentheses", "write it more simply");
        }
        SliceNode node = one_unguarded();
        --depth_;
        return node;
    }

    SliceNode one_unguarded() {
        const SlicePlace place = peek().place;
        if (take_keyword("not")) return negated(one(), place);
        if (peek().kind == Kind::open) {
            next();
            SliceNode node = any();
            node.place = {place.begin, peek().place.end};
            take(Kind::close, "')'");
            return node;
        }
        if (is_keyword("route") && words_[at_ + 1].kind == Kind::open) {
            next();
            next();
            SliceNode node = route();
            node.place = {place.begin, peek().place.end};
            take(Kind::close, "'then' or ')'");
            return node;
        }
        if (route_step(peek())) return route();
        return comparison();
    }

    static SliceNode negated(SliceNode child, SlicePlace place) {
        SliceNode node{.kind = SliceNode::Kind::negation, .place = {place.begin, child.place.end}};
        node.children.push_back(std::move(child));
        return node;
    }

    SliceNode route() {
        SliceNode node{.kind = SliceNode::Kind::route, .place = peek().place};
        do {
            std::optional<RouteStep> step = route_step(peek());
            if (!step) expected("an expert of a layer, such as L22:E3,");
            if (!node.steps.empty() && step->layer <= node.steps.back().layer) {
                refuse_slice(slice_, step->place,
                             "a route goes up: layer " + std::to_string(step->layer) +
                                 " cannot follow layer " + std::to_string(node.steps.back().layer),
                             "'then' takes a later layer; 'and' does not mind the order");
            }
            node.steps.push_back(std::move(*step));
            node.place.end = next().place.end;
        } while (take_keyword("then"));
        return node;
    }

    SliceNode comparison() {
        const SliceWord& column = peek();
        if (column.kind != Kind::word && column.kind != Kind::quoted) {
            expected("a column, a route or '('");
        }
        SliceNode node{
            .kind = SliceNode::Kind::compare, .place = column.place, .column = column.text};
        next();
        const bool negation = take_keyword("not");
        if (is_keyword("in")) {
            next();
            take_list(node);
            return negation ? negated(std::move(node), column.place) : node;
        }
        if (negation) expected("'in'");
        if (peek().kind != Kind::op) expected("=, !=, <, <=, >, >= or in");
        node.op = operator_of(next().text);
        take_value(node);
        return node;
    }

    void take_list(SliceNode& node) {
        take(Kind::open, "'('");
        do {
            if (!node.values.empty()) next();
            take_value(node);
        } while (peek().kind == Kind::comma);
        node.place.end = peek().place.end;
        take(Kind::close, "',' or ')'");
    }

    void take_value(SliceNode& node) {
        if (peek().kind != Kind::word && peek().kind != Kind::quoted) expected("a value");
        node.values.push_back({peek().text, peek().place});
        node.place.end = next().place.end;
    }

    const Slice& slice_;
    std::vector<SliceWord> words_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        at += std::max<std::size_t>(1, decode_utf8(text, at).bytes);
    }
    return count;
}

}  // namespace

Slice parse_slice(std::string text, std::string origin) {
    for (char& c : text) {
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';  // errors show it on one line
    }
    Slice slice{std::move(text), std::move(origin), {}};
    slice.root = Parser(slice).parse();
    return slice;
}

void refuse_slice(const Slice& slice, SlicePlace place, const std::string& what,
                  const std::string& hint) {
    const std::string_view text = slice.text;
    const std::size_t before = characters(text.substr(0, place.begin));
    const std::size_t marked = characters(text.substr(place.begin, place.end - place.begin));
    throw UserError(slice.origin + ": " + what + "\n  " + slice.text + "\n  " +
                        std::string(before, ' ') +
                        std::string(std::max<std::size_t>(1, marked), '^'),
                    hint);
}

bool names_column(const SliceNode& node, const std::string& column) {
    bool found = false;
    for_each_node(node, [&](const SliceNode& n) {
        found = found || (n.kind == SliceNode::Kind::compare && n.column == column);
    });
    return found;
}

}  // namespace alluvium

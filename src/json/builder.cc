#include "json/builder.h"

#include "base/check.h"
#include "json/scalar.h"

#include <algorithm>
#include <array>
#include <compare>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

namespace json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Removes all but the last of members with equal keys from `members`, which are in the order
/// sent; the one that stays takes the first one's place.
bool drop_duplicates(std::vector<Node*>& members, std::vector<Node*>& by_key) {
  by_key = members;
  std::sort(by_key.begin(), by_key.end(), [](const Node* left, const Node* right) {
    const auto order = left->key_view() <=> right->key_view();
    return order == 0 ? left->place < right->place : order < 0;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < by_key.size(); ++i) {
    if (kept > 0 && by_key[kept - 1]->key_view() == by_key[i]->key_view()) {
      *by_key[kept - 1] = *by_key[i];
      by_key[i]->key = nullptr;
    } else {
      by_key[kept++] = by_key[i];
    }
  }
  if (kept == by_key.size()) {
    return false;
  }
  by_key.resize(kept);
  std::erase_if(members, [](const Node* member) { return member->key == nullptr; });
  return true;
}

/// One of 256 marks that equal keys share.
std::size_t mark_of(std::string_view key) {
  if (key.empty()) {
    return 0;
  }
  const auto byte = [key](std::size_t at) { return static_cast<unsigned char>(key[at]); };
  return (key.size() * 37 + byte(0) * 5U + byte(key.size() / 2) * 11U + byte(key.size() - 1)) &
         255U;
}

/// Of few members: a key is compared with those before it only where one of them has its mark.
bool has_duplicates(std::span<Node* const> members) {
  std::array<std::uint64_t, 4> marks{};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string_view key = members[i]->key_view();
    const std::size_t mark = mark_of(key);
    std::uint64_t& word = marks[mark / 64];
    const std::uint64_t bit = std::uint64_t{1} << (mark % 64);
    if ((word & bit) != 0 && std::ranges::any_of(members.first(i), [key](const Node* other) {
          return other->key_view() == key;
        })) {
      return true;
    }
    word |= bit;
  }
  return false;
}

/// An excerpt may end inside a character or hold control characters.
std::string make_printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F;
      },
      '?');
  return text;
}

}  // namespace

Builder::Builder(const Source& source, const Limits& limits, Chunks& chunks)
    : source_(source), text_(source.text), limits_(limits), chunks_(chunks) {
  constexpr std::size_t kUsualDepth = 8;
  constexpr std::size_t kUsualChildren = 64;
  open_.reserve(kUsualDepth);
  children_.reserve(std::min(source.tokens.size(), kUsualChildren));
}

base::Result<const Node*> Builder::build() {
  const std::size_t count = source_.tokens.size();
  for (std::size_t i = 0; i < count; ++i) {
    at_ = source_.tokens[i];
    token_end_ = i + 1 < count ? source_.tokens[i + 1] : text_.size();
    if (!take(text_[at_])) {
      return error_;
    }
  }
  at_ = text_.size();
  if (!open_.empty()) {
    const bool object = open_.back().container->type == Type::kObject;
    invalid(object ? "the text ends inside an object" : "the text ends inside an array");
    return error_;
  }
  CHECK(root_ != nullptr);  // a text of blanks has no tokens and is not handed over
  return root_;
}

bool Builder::take(char c) {
  switch (expect_) {
    case Expect::kKeyOrEnd:
      if (c == '}') {
        close();
        return true;
      }
      return take_key(c);
    case Expect::kKey: return take_key(c);
    case Expect::kColon:
      if (c != ':') {
        return unexpected("\":\" behind a key");
      }
      expect_ = Expect::kValue;
      return true;
    case Expect::kValueOrEnd:
      if (c == ']') {
        close();
        return true;
      }
      return take_value(c);
    case Expect::kValue: return take_value(c);
    case Expect::kCommaOrEnd: return take_separator(c);
  }
  return true;
}

bool Builder::take_separator(char c) {
  if (open_.empty()) {
    return unexpected("nothing behind the value");
  }
  const bool object = open_.back().container->type == Type::kObject;
  if (c == ',') {
    expect_ = object ? Expect::kKey : Expect::kValue;
    return true;
  }
  if (c != (object ? '}' : ']')) {
    return unexpected(object ? "\",\" or \"}\"" : "\",\" or \"]\"");
  }
  close();
  return true;
}

bool Builder::take_key(char c) {
  if (c != '"') {
    return unexpected("a key in quotes");
  }
  key_repairs_ = 0;
  const bool read = take_string(key_, key_repairs_);
  expect_ = Expect::kColon;
  return read;
}

bool Builder::take_value(char c) {
  if (++values_ > limits_.values_max) {
    return too_large("more than " + std::to_string(limits_.values_max) + " values in one text");
  }
  Node* const node = chunks_.make_node();
  attach(node);
  if (c == '{' || c == '[') {
    return open(node, c == '{');
  }
  expect_ = Expect::kCommaOrEnd;
  if (c == '"') {
    std::string_view text;
    const bool read = take_string(text, node->repairs);
    node->type = Type::kString;
    node->text = text.data();
    node->size = static_cast<std::uint32_t>(text.size());
    mark_parent(node->repairs);
    return read;
  }
  if (!read_plain(token(), *node)) {
    return unexpected("a value");
  }
  mark_parent(node->repairs);
  return true;
}

bool Builder::open(Node* node, bool object) {
  if (open_.size() >= limits_.depth_max) {
    return too_large("nested deeper than " + std::to_string(limits_.depth_max) + " at byte " +
                     std::to_string(source_offset(source_.replaced, at_)));
  }
  node->type = object ? Type::kObject : Type::kArray;
  open_.push_back({node, children_.size()});
  expect_ = object ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
  return true;
}

void Builder::attach(Node* node) {
  if (open_.empty()) {
    root_ = node;
    return;
  }
  Node* const container = open_.back().container;
  if (container->type == Type::kObject) {
    node->key = key_.data();
    node->key_size = static_cast<std::uint32_t>(key_.size());
    node->place = static_cast<std::uint32_t>(children_.size() - open_.back().first_child);
    container->repairs |= key_repairs_;
  }
  children_.push_back(node);
}

void Builder::mark_parent(std::uint8_t repairs) {
  if (!open_.empty()) {
    open_.back().container->repairs |= repairs;
  }
}

void Builder::close() {
  const Open done = open_.back();
  std::span<Node* const> kept = std::span(children_).subspan(done.first_child);
  Node& container = *done.container;
  const bool large = kept.size() > kSmallObjectMax;
  if (container.type == Type::kObject && (large || has_duplicates(kept))) {
    scratch_.assign(kept.begin(), kept.end());
    if (drop_duplicates(scratch_, by_key_)) {
      container.repairs |= kDuplicateKey;
    }
    kept = scratch_;
  }
  container.size = static_cast<std::uint32_t>(kept.size());
  for (std::size_t i = 1; i < kept.size(); ++i) {
    kept[i - 1]->next = kept[i];
  }
  container.first = nullptr;
  if (!kept.empty()) {
    kept.back()->next = nullptr;
    container.first = kept.front();
  }
  children_.resize(done.first_child);
  if (container.type == Type::kObject && large) {
    keep_sorted(container);
  }
  open_.pop_back();
  mark_parent(container.repairs);
  expect_ = Expect::kCommaOrEnd;
}

void Builder::keep_sorted(Node& object) {
  auto* const by_key =
      static_cast<const Node**>(chunks_.take(by_key_.size() * sizeof(const Node*)));
  std::copy(by_key_.begin(), by_key_.end(), by_key);
  auto* const sorted =
      std::construct_at(static_cast<SortedMembers*>(chunks_.take(sizeof(SortedMembers))));
  sorted->first = object.first;
  sorted->by_key = by_key;
  object.sorted = sorted;
  object.large = true;
}

/// The usual case: the token ends with a quote and holds no escape. Strings end where the first
/// stage says, so that this quote is the closing one.
bool Builder::take_plain_string(std::string_view& text) {
  if (token_end_ < at_ + 2 || text_[token_end_ - 1] != '"' || !source_.replaced.empty()) {
    return false;
  }
  const std::string_view inside = text_.substr(at_ + 1, token_end_ - at_ - 2);
  if (inside.find('\\') != std::string_view::npos) {
    return false;
  }
  text = inside;
  at_ = token_end_;
  return true;
}

/// Reads the string at `at_`; nothing but white space may stand before the next token.
bool Builder::take_string(std::string_view& text, std::uint8_t& repairs) {
  if (take_plain_string(text)) {
    return true;
  }
  const StringToken read = read_string(text_.substr(at_, token_end_ - at_), chunks_);
  if (read.error != nullptr) {
    at_ += read.error_at;
    return invalid(read.error);
  }
  const std::size_t begin = at_;
  const std::size_t end = begin + read.source_bytes;
  for (at_ = end; at_ < token_end_; ++at_) {
    if (!is_space(text_[at_])) {
      return unexpected("\",\" or a bracket");
    }
  }
  text = read.text;
  repairs |= read.repairs;
  while (next_replaced_ < source_.replaced.size() && source_.replaced[next_replaced_].at < end) {
    if (source_.replaced[next_replaced_].at >= begin) {
      repairs |= kInvalidUtf8;
    }
    ++next_replaced_;
  }
  return true;
}

std::string_view Builder::token() const {
  std::size_t end = token_end_;
  while (end > at_ && is_space(text_[end - 1])) {
    --end;
  }
  return text_.substr(at_, end - at_);
}

bool Builder::invalid(std::string_view what) {
  error_ =
      base::fail(base::Code::kInvalid, std::string(what) + " at byte " +
                                           std::to_string(source_offset(source_.replaced, at_)));
  return false;
}

bool Builder::too_large(std::string what) {
  error_ = base::fail(base::Code::kTooLarge, std::move(what));
  return false;
}

bool Builder::unexpected(std::string_view wanted) {
  const std::string_view here = text_.substr(at_);
  if (here.starts_with("//") || here.starts_with("/*")) {
    return invalid("a comment, which JSON does not have,");
  }
  std::string what = "expected ";
  what += wanted;
  what += " but found \"";
  what += here.substr(0, std::min<std::size_t>(here.find_first_of(" \t\r\n,:]}"), 20));
  if (what.ends_with('"')) {
    what += here.substr(0, 1);
  }
  what += '"';
  return invalid(make_printable(std::move(what)));
}

std::size_t source_offset(const std::vector<Replacement>& replaced, std::size_t at) {
  const auto after = std::upper_bound(
      replaced.begin(), replaced.end(), at,
      [](std::size_t value, const Replacement& replacement) { return value < replacement.at; });
  if (after == replaced.begin()) {
    return at;
  }
  const Replacement& last = *std::prev(after);
  const std::size_t behind = last.at + kReplacement.size();
  return at < behind ? last.source : last.source + last.source_bytes + (at - behind);
}

}  // namespace json

#include "json/builder.h"

#include "base/check.h"
#include "json/scalar.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

namespace json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// One of 256 marks that equal keys share.
std::size_t mark_of(std::string_view key) {
  if (key.empty()) {
    return 0;
  }
  const auto byte = [key](std::size_t at) { return static_cast<unsigned char>(key[at]); };
  return (key.size() * 37 + byte(0) * 5U + byte(key.size() / 2) * 11U + byte(key.size() - 1)) &
         255U;
}

/// Two quotes and a colon.
constexpr std::size_t kMemberSigns = 3;

void set_string(Node& node, std::string_view text, bool plain) {
  node.type = Type::kString;
  node.text = text.data();
  node.size = static_cast<std::uint32_t>(text.size());
  node.plain = plain;
  node.sent_size = plain ? node.size + 2 : 0;
}

/// A value that takes the whole token, a string without escapes or none.
bool read_usual(std::string_view token, Node& node) {
  if (!token.starts_with('"')) {
    return read_plain(token, node);
  }
  if (token.size() < 2 || token.back() != '"') {
    return false;
  }
  set_string(node, token.substr(1, token.size() - 2), true);
  return true;
}

bool has_key(const Node* members, std::string_view key) {
  for (; members != nullptr; members = members->next) {
    if (members->key_view() == key) {
      return true;
    }
  }
  return false;
}

}  // namespace

Builder::Builder(const Source& source, const Limits& limits, Chunks& chunks)
    : source_(source), text_(source.text), limits_(limits), chunks_(chunks) {
  constexpr std::size_t kUsualDepth = 8;
  constexpr std::size_t kLeastBytes = 256;
  open_.reserve(kUsualDepth);
  // Of a member's four tokens one is its value; elements of arrays are fewer.
  chunks_.expect(std::max(kLeastBytes, source.tokens.size() / 3 * sizeof(Node)));
  escape_at_ = source.replaced.empty() ? std::min(text_.find('\\'), text_.size()) : 0;
}

base::Result<const Node*> Builder::build() {
  const std::size_t count = source_.tokens.size();
  while (next_ < count) {
    at_ = source_.tokens[next_++];
    token_end_ = next_ < count ? source_.tokens[next_] : text_.size();
    if (!take(text_[at_])) {
      return error_;
    }
    if (expect_ == Expect::kKey || expect_ == Expect::kKeyOrEnd) {
      take_usual_members();
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
  const bool read = take_string(key_, key_repairs_, key_plain_);
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
    bool plain = false;
    const bool read = take_string(text, node->repairs, plain);
    set_string(*node, text, plain);
    add(*node);
    return read;
  }
  if (!read_plain(token(), *node)) {
    return unexpected("a value");
  }
  add(*node);
  return true;
}

/// What there is to note of a key, before its member joins the others.
inline void Builder::attach_member(Open& open, const Node& node) {
  const std::string_view key = node.key_view();
  const std::size_t mark = mark_of(key);
  std::uint64_t& word = open.marks[mark / 64];
  const std::uint64_t bit = std::uint64_t{1} << (mark % 64);
  if ((word & bit) != 0 && open.count < kSmallObjectMax && !open.keys_repeat) {
    open.keys_repeat = has_key(open.container->first, key);
  }
  word |= bit;
  ++open.count;
}

/// Reads members of the usual shape, as many as come: a key and a colon, a string, number or word,
/// and a comma or the end, with no escape and nothing between them. Stops before the first token
/// that is anything else.
void Builder::take_usual_members() {
  const std::span<const std::uint32_t> tokens = source_.tokens;
  const char* const text = text_.data();
  Open& open = open_.back();
  while (next_ + 3 < tokens.size() && values_ < limits_.values_max) {
    const std::size_t key_at = tokens[next_];
    const std::size_t colon_at = tokens[next_ + 1];
    const std::size_t value_at = tokens[next_ + 2];
    const std::size_t end_at = tokens[next_ + 3];
    const bool ends = text[end_at] == '}';
    if (text[key_at] != '"' || text[colon_at] != ':' || text[colon_at - 1] != '"' ||
        colon_at < key_at + 2 || !(ends || text[end_at] == ',') || has_escape_before(end_at)) {
      return;
    }
    Node* const node = spare_ != nullptr ? std::exchange(spare_, nullptr) : chunks_.make_node();
    if (!read_usual(text_.substr(value_at, end_at - value_at), *node)) {
      *node = {};
      spare_ = node;
      return;
    }
    node->key = text + key_at + 1;
    node->key_size = static_cast<std::uint32_t>(colon_at - key_at - 2);
    node->plain_key = true;
    attach_member(open, *node);
    open.last = (open.last == nullptr ? open.container->first : open.last->next) = node;
    open.container->repairs |= node->repairs;
    open.as_sent = open.as_sent && node->sent_size != 0;
    open.bytes += node->sent_size + node->key_size + kMemberSigns;
    ++values_;
    next_ += ends ? 3 : 4;
    expect_ = ends ? Expect::kCommaOrEnd : Expect::kKey;
    if (ends) {
      return;
    }
  }
}

bool Builder::open(Node* node, bool object) {
  if (open_.size() >= limits_.depth_max) {
    return too_large("nested deeper than " + std::to_string(limits_.depth_max) + " at byte " +
                     std::to_string(source_offset(source_.replaced, at_)));
  }
  node->type = object ? Type::kObject : Type::kArray;
  node->first = nullptr;
  Open& opened = open_.emplace_back();
  opened.container = node;
  opened.at = at_;
  expect_ = object ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
  return true;
}

void Builder::attach(Node* node) {
  if (open_.empty()) {
    root_ = node;
    return;
  }
  Open& open = open_.back();
  Node& container = *open.container;
  if (container.type == Type::kObject) {
    node->key = key_.data();
    node->key_size = static_cast<std::uint32_t>(key_.size());
    node->plain_key = key_plain_;
    container.repairs |= key_repairs_;
    attach_member(open, *node);
  } else {
    ++open.count;
  }
  open.last = (open.last == nullptr ? container.first : open.last->next) = node;
}

/// Tells the container about a value that is complete.
void Builder::add(const Node& node) {
  if (open_.empty()) {
    return;
  }
  Open& open = open_.back();
  const bool object = open.container->type == Type::kObject;
  open.container->repairs |= node.repairs;
  open.as_sent = open.as_sent && node.sent_size != 0 && (!object || node.plain_key);
  open.bytes += node.sent_size + (object ? node.key_size + kMemberSigns : 0);
}

void Builder::close() {
  const Open done = open_.back();
  Node& container = *done.container;
  const bool object = container.type == Type::kObject;
  const bool large = done.count > kSmallObjectMax;
  container.size = done.count;
  bool dropped = false;
  if (object && (large || done.keys_repeat)) {
    dropped = drop_duplicates(container);
    if (large) {
      keep_sorted(container);
    }
  }
  // With its brackets and commas; more bytes were sent where there was white space.
  const std::size_t bytes = done.bytes + 2 + (done.count > 0 ? done.count - 1 : 0);
  const bool as_sent = done.as_sent && !dropped && at_ + 1 - done.at == bytes;
  container.sent_size = as_sent ? static_cast<std::uint32_t>(bytes) : 0;
  open_.pop_back();
  add(container);
  expect_ = Expect::kCommaOrEnd;
}

/// Removes all but the last of members with equal keys; the one that stays takes the first one's
/// place. Leaves those that stay in `by_key_`.
bool Builder::drop_duplicates(Node& object) {
  members_.clear();
  for (Node* member = object.first; member != nullptr; member = member->next) {
    members_.push_back(member);
  }
  by_key_ = members_;
  std::ranges::stable_sort(by_key_, {}, &Node::key_view);
  std::size_t kept = 0;
  for (Node* const member : by_key_) {
    if (kept > 0 && by_key_[kept - 1]->key_view() == member->key_view()) {
      *by_key_[kept - 1] = *member;
      member->key = nullptr;
    } else {
      by_key_[kept++] = member;
    }
  }
  if (kept == by_key_.size()) {
    return false;
  }
  by_key_.resize(kept);
  std::erase_if(members_, [](const Node* member) { return member->key == nullptr; });
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i]->next = i + 1 < members_.size() ? members_[i + 1] : nullptr;
  }
  object.size = static_cast<std::uint32_t>(kept);
  object.repairs |= kDuplicateKey;
  return true;
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

std::size_t Builder::find_escape() {
  if (escape_at_ < at_) {
    escape_at_ = source_.replaced.empty() ? std::min(text_.find('\\', at_), text_.size()) : at_;
  }
  return escape_at_;
}

/// The usual case: the token ends with a quote and holds no escape. Strings end where the first
/// stage says, so that this quote is the closing one.
bool Builder::take_plain_string(std::string_view& text) {
  if (token_end_ < at_ + 2 || text_[token_end_ - 1] != '"' || has_escape_before(token_end_)) {
    return false;
  }
  text = text_.substr(at_ + 1, token_end_ - at_ - 2);
  at_ = token_end_;
  return true;
}

/// Reads the string at `at_`; nothing but white space may stand before the next token.
bool Builder::take_string(std::string_view& text, std::uint8_t& repairs, bool& plain) {
  plain = take_plain_string(text);
  if (plain) {
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

}  // namespace json

#include "json/writer.h"

#include "json/node.h"
#include "json/utf8.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

namespace json {
namespace {

void append_escape(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
  }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// How many bytes from `from` on need no escape; looks at eight at a time.
std::size_t plain_bytes(std::string_view text, std::size_t from) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  std::size_t at = from;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighs;
    if ((controls | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) != 0) {
      break;
    }
  }
  while (at < text.size() && !needs_escape(text[at])) {
    ++at;
  }
  return at - from;
}

/// Bytes that `value` takes when it is written, about: seldom less than that, never many times
/// more.
std::size_t bytes_about(Value value) {
  constexpr std::size_t kScalar = 12;
  if (value && value.node()->sent_size != 0) {
    return value.node()->sent_size;
  }
  std::size_t bytes = 2;
  switch (value.type()) {
    case Type::kString: return value.string()->size() + 4;
    case Type::kArray:
      for (const Value element : value.elements()) {
        bytes += bytes_about(element) + 1;
      }
      return bytes;
    case Type::kObject:
      for (const Member member : value.members()) {
        bytes += member.key.size() + bytes_about(member.value) + 4;
      }
      return bytes;
    default: return kScalar;
  }
}

/// The text of an object that was sent as write() writes it: from the brace, which stands before
/// the quote of the first key.
std::string_view sent_text(const Node& object) {
  return object.size == 0 ? std::string_view("{}")
                          : std::string_view(object.first_member()->key - 2, object.sent_size);
}

void append_quoted(std::string_view utf8, std::string& out) {
  out += '"';
  std::size_t at = 0;
  while (at < utf8.size()) {
    const std::size_t plain = plain_bytes(utf8, at);
    out += utf8.substr(at, plain);
    at += plain;
    if (at < utf8.size()) {
      append_escape(utf8[at++], out);
    }
  }
  out += '"';
}

template <class Number>
void append_number(Number number, std::string& out) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  const std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += digits;
  if constexpr (std::is_floating_point_v<Number>) {
    // "59.0" stays a double for whoever reads it back.
    if (digits.find_first_of(".e") == std::string_view::npos) {
      out += ".0";
    }
  }
}

void append_key(const Node& member, std::string& out) {
  if (member.plain_key) {
    out.append(member.key - 1, member.key_size + 2);
  } else {
    append_quoted(member.key_view(), out);
  }
}

void append_string(const Node& node, std::string& out) {
  if (node.plain) {
    out.append(node.text - 1, node.size + 2);
  } else {
    append_quoted({node.text, node.size}, out);
  }
}

void write_object(const Node& object, std::string& out) {
  if (object.sent_size != 0) {
    out += sent_text(object);
    return;
  }
  char separator = '{';
  for (const Node* member = object.first_member(); member != nullptr; member = member->next) {
    out += separator;
    separator = ',';
    append_key(*member, out);
    out += ':';
    write(Value(member), out);
  }
  out += separator == '{' ? "{}" : "}";
}

void write_array(Value array, std::string& out) {
  char separator = '[';
  for (const Value element : array.elements()) {
    out += separator;
    separator = ',';
    write(element, out);
  }
  out += separator == '[' ? "[]" : "]";
}

}  // namespace

void write(Value value, std::string& out) {
  switch (value.type()) {
    case Type::kNull: out += "null"; return;
    case Type::kBool: out += *value.boolean() ? "true" : "false"; return;
    case Type::kInteger: append_number(*value.integer(), out); return;
    case Type::kDouble: append_number(*value.number(), out); return;
    case Type::kString: append_string(*value.node(), out); return;
    case Type::kArray: write_array(value, out); return;
    case Type::kObject: write_object(*value.node(), out); return;
  }
}

std::string write(Value value) {
  std::string out;
  out.reserve(bytes_about(value));
  write(value, out);
  return out;
}

std::string to_text(Value value) {
  if (!value || value.is_null()) {
    return {};
  }
  return value.is_string() ? std::string(*value.string()) : write(value);
}

void write_key(const Member& member, std::string& out) {
  const Node* const node = member.value.node();
  if (node != nullptr && node->key == member.key.data()) {
    append_key(*node, out);
  } else {
    append_quoted(member.key, out);
  }
}

void write_string(std::string_view text, std::string& out) {
  if (is_utf8(text)) {
    append_quoted(text, out);
  } else {
    append_quoted(make_utf8(text), out);
  }
}

std::string quote(std::string_view text) {
  std::string out;
  write_string(text, out);
  return out;
}

std::string make_utf8(std::string_view text) {
  if (is_utf8(text)) {
    return std::string(text);
  }
  std::string out;
  repair_utf8(text, out, nullptr);
  return out;
}

void Writer::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!has_member_.empty()) {
    if (has_member_.back() != 0) {
      out_ += ',';
    }
    has_member_.back() = 1;
  }
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  has_member_.push_back(0);
  return *this;
}

Writer& Writer::end_object() {
  has_member_.pop_back();
  out_ += '}';
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  has_member_.push_back(0);
  return *this;
}

Writer& Writer::end_array() {
  has_member_.pop_back();
  out_ += ']';
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  write_string(name, out_);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  write_string(text, out_);
  return *this;
}

Writer& Writer::member(const Member& member) {
  separate();
  write_key(member, out_);
  out_ += ':';
  write(member.value, out_);
  return *this;
}

Writer& Writer::members(Value object) {
  const bool as_sent = object.is_object() && object.size() > 0 && object.node()->sent_size != 0;
  if (as_sent) {
    const std::string_view text = sent_text(*object.node());
    separate();
    out_ += text.substr(1, text.size() - 2);
    return *this;
  }
  for (const Member each : object.members()) {
    member(each);
  }
  return *this;
}

Writer& Writer::reserve(Value value) {
  out_.reserve(out_.size() + bytes_about(value) + 2);
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  separate();
  append_number(number, out_);
  return *this;
}

Writer& Writer::number(double number) {
  if (!std::isfinite(number)) {
    return null();
  }
  separate();
  append_number(number, out_);
  return *this;
}

Writer& Writer::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  out_ += "null";
  return *this;
}

Writer& Writer::value(Value value) {
  separate();
  write(value, out_);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace json

#include "json/value.h"

#include "json/node.h"

#include <algorithm>

namespace json {
Type Value::type() const { return node_ == nullptr ? Type::kNull : node_->type; }
bool Value::is_null() const { return node_ != nullptr && node_->type == Type::kNull; }
bool Value::is_bool() const { return type() == Type::kBool; }
bool Value::is_number() const { return type() == Type::kInteger || type() == Type::kDouble; }
bool Value::is_integer() const { return type() == Type::kInteger; }
bool Value::is_string() const { return type() == Type::kString; }
bool Value::is_array() const { return type() == Type::kArray; }
bool Value::is_object() const { return type() == Type::kObject; }

std::optional<bool> Value::boolean() const {
  return is_bool() ? std::optional(node_->boolean) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  if (is_integer()) {
    return node_->integer;
  }
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (type() != Type::kDouble || node_->number < -kEnd || node_->number >= kEnd) {
    return std::nullopt;
  }
  const auto whole = static_cast<std::int64_t>(node_->number);
  if (static_cast<double>(whole) != node_->number) {
    return std::nullopt;
  }
  return whole;
}

std::optional<double> Value::number() const {
  if (is_integer()) {
    return static_cast<double>(node_->integer);
  }
  return type() == Type::kDouble ? std::optional(node_->number) : std::nullopt;
}

std::optional<std::string_view> Value::string() const {
  if (!is_string()) {
    return std::nullopt;
  }
  return std::string_view(node_->text, node_->size);
}

Value Value::operator[](std::string_view key) const {
  if (!is_object()) {
    return {};
  }
  if (node_->large) {
    const Node* const* const begin = node_->sorted->by_key;
    const Node* const* const end = begin + node_->size;
    const Node* const* const found = std::lower_bound(
        begin, end, key,
        [](const Node* member, std::string_view wanted) { return member->key_view() < wanted; });
    return found != end && (*found)->key_view() == key ? Value(*found) : Value();
  }
  for (const Node* member = node_->first; member != nullptr; member = member->next) {
    if (member->key_view() == key) {
      return Value(member);
    }
  }
  return {};
}

std::size_t Value::size() const { return is_array() || is_object() ? node_->size : 0; }
Elements Value::elements() const { return Elements(is_array() ? node_->first : nullptr); }
Members Value::members() const { return Members(is_object() ? node_->first_member() : nullptr); }
std::uint8_t Value::repairs() const { return node_ == nullptr ? std::uint8_t{0} : node_->repairs; }

Elements::Iterator& Elements::Iterator::operator++() {
  node_ = node_->next;
  return *this;
}

Member Members::Iterator::operator*() const { return {node_->key_view(), Value(node_)}; }

Members::Iterator& Members::Iterator::operator++() {
  node_ = node_->next;
  return *this;
}

}  // namespace json

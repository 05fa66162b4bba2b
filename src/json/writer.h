#pragma once
// Builds JSON text piece by piece: objects and arrays are opened and closed, commas are set by
// themselves. For replies, columns and command output; strings are made valid UTF-8 on the way.

#include "json/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace json {

class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& integer(std::int64_t number);
  Writer& number(double number);  ///< null when not finite.
  Writer& boolean(bool value);
  Writer& null();
  Writer& value(Value value);            ///< A parsed value.
  Writer& member(const Member& member);  ///< A parsed key and its value.
  Writer& members(Value object);         ///< Those of a parsed object; nothing for other values.
  Writer& reserve(Value value);  ///< Takes memory for about as much text as `value` has, at once.
  Writer& raw(std::string_view json);  ///< Text that is valid JSON already.

  [[nodiscard]] bool empty() const { return out_.empty(); }
  [[nodiscard]] const std::string& text() const& { return out_; }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  std::string has_member_;  // 0 or 1 for each open object and array; few take no memory of the heap
  bool after_key_ = false;
};

/// Appends a parsed key as a JSON string with its quotes.
void write_key(const Member& member, std::string& out);
/// `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
void write_string(std::string_view text, std::string& out);
std::string quote(std::string_view text);
/// `text` with every byte sequence that is no UTF-8 replaced by U+FFFD.
std::string make_utf8(std::string_view text);

}  // namespace json

// Any bytes as base64, hex, percent encoding and a query string: what we encode reads back, and
// what is accepted means the same when it is written again.

#include "base/check.h"
#include "codec/text.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CHECK(codec::decode_base64(codec::encode_base64(text)) == text);
  if (const auto bytes = codec::decode_base64(text)) {
    CHECK(bytes->size() <= text.size());
    CHECK(codec::decode_base64(codec::encode_base64(*bytes)) == bytes);
  }
  CHECK(codec::decode_hex(codec::encode_hex(text)) == text);
  if (const auto bytes = codec::decode_hex(text)) {
    CHECK(codec::decode_hex(codec::encode_hex(*bytes)) == bytes);
  }
  for (const bool is_form : {false, true}) {
    CHECK(codec::decode_percent(text, is_form).size() <= text.size());
    CHECK(codec::decode_percent(codec::encode_percent(text, is_form), is_form) == text);
  }
  std::string again;
  const auto pairs = codec::parse_query(text);
  for (const auto& [name, value] : pairs) {
    CHECK(codec::query_value(text, name).has_value());
    again += (again.empty() ? "" : "&") + codec::encode_percent(name, false) + "=" +
             codec::encode_percent(value, false);
  }
  CHECK(codec::parse_query(again) == pairs);
  return 0;
}

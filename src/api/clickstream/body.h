#pragma once
// The body of a Clickstream request on its way to JSON text. What wraps it is found by looking at
// the bytes: the Android and Swift SDKs send base64 of gzip, HTTP clients plain text, some gzip as
// it is; the `compression` parameter is not reliable and is not read.

#include "base/result.h"

#include <string>
#include <string_view>

namespace api::clickstream {

/// JSON text, either inside the bytes as sent or unpacked from them. Lifetime: views the body it
/// was made from.
class BodyText {
 public:
  static BodyText as_sent(std::string_view body) { return BodyText(body); }
  static BodyText unpacked(std::string text) { return BodyText(std::move(text)); }

  [[nodiscard]] std::string_view text() const { return is_unpacked_ ? unpacked_ : sent_; }

 private:
  explicit BodyText(std::string_view sent) : sent_(sent) {}
  explicit BodyText(std::string unpacked) : unpacked_(std::move(unpacked)), is_unpacked_(true) {}

  std::string_view sent_;
  std::string unpacked_;
  bool is_unpacked_ = false;
};

/// Undoes `content_encoding` ("" for none), then gzip or base64. kInvalid when the bytes are
/// neither JSON nor anything that unpacks, kTooLarge when they unpack to more than 32 MiB.
base::Result<BodyText> unwrap_body(std::string_view content_encoding, std::string_view body);

}  // namespace api::clickstream

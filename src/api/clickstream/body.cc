#include "api/clickstream/body.h"

#include "codec/compression.h"
#include "codec/text.h"

#include <optional>
#include <utility>

namespace api::clickstream {
namespace {

// The vendor's data generator packs 10,000 events, about 14 MiB of text, into one request.
constexpr codec::UnpackLimits kUnpackLimits{.bytes_max = std::size_t{32} << 20U, .ratio_max = 1000};

std::string_view trim_front(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

bool looks_like_json(std::string_view text) {
  const std::string_view trimmed = trim_front(text);
  return trimmed.starts_with('[') || trimmed.starts_with('{');
}

base::Result<BodyText> unpack_gzip(std::string_view packed) {
  base::Result<std::string> text = codec::gunzip(packed, kUnpackLimits);
  if (!text) {
    return std::move(text).error();
  }
  return BodyText::unpacked(*std::move(text));
}

// `body` without its Content-Encoding.
base::Result<BodyText> unwrap_content(BodyText body) {
  const std::string_view text = body.text();
  if (codec::looks_like_gzip(text)) {
    return unpack_gzip(text);
  }
  if (trim_front(text).empty() || looks_like_json(text)) {
    return body;
  }
  const std::optional<std::string> decoded = codec::decode_base64(text);
  if (decoded && codec::looks_like_gzip(*decoded)) {
    return unpack_gzip(*decoded);
  }
  if (decoded && looks_like_json(*decoded)) {
    return BodyText::unpacked(*decoded);
  }
  return body;  // Not ours to name: the JSON reader says at which byte it stops being JSON.
}

}  // namespace

base::Result<BodyText> unwrap_body(std::string_view content_encoding, std::string_view body) {
  if (content_encoding.empty() || body.empty()) {
    return unwrap_content(BodyText::as_sent(body));
  }
  base::Result<std::string> decoded = codec::decode_content(content_encoding, body, kUnpackLimits);
  if (decoded) {
    return unwrap_content(BodyText::unpacked(*std::move(decoded)));
  }
  // A proxy that unpacked the body may have left the header behind.
  if (looks_like_json(body)) {
    return BodyText::as_sent(body);
  }
  return std::move(decoded).error();
}

}  // namespace api::clickstream

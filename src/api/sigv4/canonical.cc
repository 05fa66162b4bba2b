#include "api/sigv4/canonical.h"

#include "codec/text.h"

#include <algorithm>
#include <utility>

namespace api::sigv4 {
namespace {

/// Of a canonical request, beside its target and headers: the names of these, a hash.
constexpr std::size_t kOtherBytesAbout = 256;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Appends `value` trimmed, every run of white space inside as one space: what boto, aws-sdk-js and
/// the Android signer all do, quoted JSON of the client context included.
void append_collapsed(std::string_view value, std::string& out) {
  const std::size_t start = out.size();
  for (auto at = value.begin(); at != value.end();) {
    const auto word = std::find_if_not(at, value.end(), is_space);
    at = std::find_if(word, value.end(), is_space);
    if (word != at && out.size() > start) {
      out += ' ';
    }
    out.append(word, at);
  }
}

bool append_header(Headers headers, std::string_view name, std::string& out) {
  bool found = false;
  for (const auto& [header, value] : headers) {
    if (!equal_ignoring_case(header, name)) {
      continue;
    }
    if (found) {
      out += ',';
    } else {
      out += name;
      out += ':';
      found = true;
    }
    append_collapsed(value, out);
  }
  out += '\n';
  return found;
}

}  // namespace

std::string canonical_path(std::string_view raw_path) {
  std::vector<std::string_view> segments;
  for (std::size_t start = 0; start <= raw_path.size();) {
    const std::size_t end = std::min(raw_path.find('/', start), raw_path.size());
    const std::string_view segment = raw_path.substr(start, end - start);
    if (segment == "..") {
      if (!segments.empty()) {
        segments.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    start = end + 1;
  }
  std::string out;
  for (const std::string_view segment : segments) {
    out += '/';
    out += codec::encode_percent(segment, false);
  }
  if (out.empty() || raw_path.ends_with('/')) {
    out += '/';
  }
  return out;
}

std::string canonical_query(std::string_view raw_query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t start = 0; start < raw_query.size();) {
    const std::size_t end = std::min(raw_query.find('&', start), raw_query.size());
    const std::string_view piece = raw_query.substr(start, end - start);
    start = end + 1;
    if (piece.empty()) {
      continue;
    }
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string name = codec::decode_percent(piece.substr(0, equals), false);
    if (name == "X-Amz-Signature") {
      continue;
    }
    const std::string_view value =
        equals < piece.size() ? piece.substr(equals + 1) : std::string_view();
    pairs.emplace_back(codec::encode_percent(name, false),
                       codec::encode_percent(codec::decode_percent(value, false), false));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) {
      out += '&';
    }
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

std::optional<std::string> canonical_headers(Headers headers,
                                             const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!append_header(headers, name, out)) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::string> canonical_request(const Request& request,
                                             const std::vector<std::string>& signed_names,
                                             std::string_view payload_hash) {
  const std::optional<std::string> headers = canonical_headers(request.headers, signed_names);
  if (!headers) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(headers->size() + request.path.size() + request.query.size() + kOtherBytesAbout);
  out += request.method;
  out += '\n';
  out += canonical_path(request.path);
  out += '\n';
  out += canonical_query(request.query);
  out += '\n';
  out += *headers;
  out += '\n';
  for (std::size_t i = 0; i < signed_names.size(); ++i) {
    out += i == 0 ? "" : ";";
    out += signed_names[i];
  }
  out += '\n';
  out += payload_hash;
  return out;
}

std::string to_text(const Scope& scope) {
  return scope.date + '/' + scope.region + '/' + scope.service + "/aws4_request";
}

std::string string_to_sign(std::string_view time, const Scope& scope,
                           std::string_view canonical_request) {
  std::string out = "AWS4-HMAC-SHA256\n";
  out += time;
  out += '\n';
  out += to_text(scope);
  out += '\n';
  out += codec::to_hex(codec::sha256(canonical_request));
  return out;
}

codec::Digest signing_key(std::string_view secret_access_key, const Scope& scope) {
  const std::string start = "AWS4" + std::string(secret_access_key);
  const codec::Digest date = codec::hmac_sha256(start, scope.date);
  const codec::Digest region = codec::hmac_sha256(codec::as_bytes(date), scope.region);
  const codec::Digest service = codec::hmac_sha256(codec::as_bytes(region), scope.service);
  return codec::hmac_sha256(codec::as_bytes(service), "aws4_request");
}

std::string signature(const codec::Digest& signing_key, std::string_view string_to_sign) {
  return codec::to_hex(codec::hmac_sha256(codec::as_bytes(signing_key), string_to_sign));
}

}  // namespace api::sigv4

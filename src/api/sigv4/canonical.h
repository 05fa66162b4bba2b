#pragma once
// The canonical form of a request that AWS Signature Version 4 signs, and the chain of keys that
// signs it. Pure functions; the rules are those of every AWS service but S3 (paths are normalised
// and encoded once more on top of what was sent).

#include "api/sigv4/request.h"
#include "codec/hash.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api::sigv4 {

/// "." and ".." resolved, "//" collapsed, a final "/" kept, then every segment percent-encoded over
/// its raw bytes: "%3A" on the wire becomes "%253A".
std::string canonical_path(std::string_view raw_path);

/// Every parameter but X-Amz-Signature, decoded and encoded again by RFC 3986, sorted by name and
/// then by value. A "+" is a plus.
std::string canonical_query(std::string_view raw_query);

/// One "name:value\n" for each of `names` (lower case) in the order given. Equal headers are joined
/// with "," in the order sent; runs of white space become one space. nullopt when a header is not
/// there.
std::optional<std::string> canonical_headers(Headers headers,
                                             const std::vector<std::string>& names);

/// The whole canonical request, or nullopt when a signed header is missing. `payload_hash` is the
/// hexadecimal SHA-256 of the body.
std::optional<std::string> canonical_request(const Request& request,
                                             const std::vector<std::string>& signed_names,
                                             std::string_view payload_hash);

/// Where a signature is valid: "20150830/us-east-1/mobileanalytics/aws4_request".
struct Scope {
  std::string date;  ///< YYYYMMDD.
  std::string region;
  std::string service;
};
std::string to_text(const Scope& scope);

/// `time` is the ISO 8601 basic form, "20150830T123600Z".
std::string string_to_sign(std::string_view time, const Scope& scope,
                           std::string_view canonical_request);

/// Four HMACs; worth keeping for the day.
codec::Digest signing_key(std::string_view secret_access_key, const Scope& scope);

/// The signature in lower-case hex.
std::string signature(const codec::Digest& signing_key, std::string_view string_to_sign);

}  // namespace api::sigv4

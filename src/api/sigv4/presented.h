#pragma once
// What a request says about its own signature, read from the Authorization header or from the query
// of a presigned URL. Nothing is believed yet.

#include "api/sigv4/canonical.h"
#include "api/sigv4/denial.h"
#include "api/sigv4/request.h"
#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace api::sigv4 {

enum class Form : std::uint8_t { kHeader, kQuery };

struct Presented {
  Form form = Form::kHeader;
  std::string access_key_id;
  Scope scope;
  std::vector<std::string> signed_headers;  ///< Lower case, each once.
  std::string signature;
  std::string time_text;                        ///< ISO 8601 basic form.
  base::Time time{};                            ///< The same.
  std::string_view time_header;                 ///< Header `time` came from, or "" for the query.
  std::optional<std::chrono::seconds> expires;  ///< X-Amz-Expires of a presigned URL.
  std::string token;                            ///< Session token, or "".
};

/// Reads the signature of `request`, or says what is missing (kNoSignature, kIncomplete).
std::variant<Presented, Denial> read_presented(const Request& request);

/// "20150830T123600Z".
std::string iso_basic(base::Time time);

}  // namespace api::sigv4

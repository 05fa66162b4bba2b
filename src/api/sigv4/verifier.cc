#include "api/sigv4/verifier.h"

#include "codec/hash.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace api::sigv4 {
namespace {

constexpr std::string_view kMismatchText =
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.";
constexpr std::string_view kUnknownText = "The security token included in the request is invalid.";

bool is_signed(const Presented& presented, std::string_view name) {
  return std::any_of(presented.signed_headers.begin(), presented.signed_headers.end(),
                     [name](const std::string& entry) { return equal_ignoring_case(entry, name); });
}

/// CloudFront adds its request id behind the client; nothing reads it.
bool added_on_the_way(std::string_view name) { return equal_ignoring_case(name, "x-amz-cf-id"); }

std::optional<Denial> check_signed_headers(const Request& request, const Presented& presented) {
  const auto must_be_signed = [](std::string_view name) {
    return Denial{Reason::kNotSigned,
                  "'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization."};
  };
  if (!is_signed(presented, "host")) {
    return must_be_signed("host");
  }
  if (!presented.time_header.empty() && !is_signed(presented, presented.time_header)) {
    return must_be_signed(presented.time_header);
  }
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name.substr(0, 6), "x-amz-") && !is_signed(presented, name) &&
        !added_on_the_way(name)) {
      return must_be_signed(name);
    }
  }
  return std::nullopt;
}

std::optional<Denial> check_scope(const Presented& presented, const Rules& rules) {
  if (presented.scope.service != rules.service) {
    return Denial{Reason::kWrongScope, "Credential should be scoped to correct service: '" +
                                           std::string(rules.service) + "'."};
  }
  if (!rules.region.empty() && presented.scope.region != rules.region) {
    return Denial{Reason::kWrongScope, "Credential should be scoped to a valid region, not '" +
                                           presented.scope.region + "'."};
  }
  if (presented.scope.date != std::string_view(presented.time_text).substr(0, 8)) {
    return Denial{Reason::kWrongScopeDate,
                  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                  "from HTTP: '" +
                      presented.scope.date + "' != '" + presented.time_text.substr(0, 8) +
                      "', from '" + presented.time_text + "'."};
  }
  return std::nullopt;
}

/// "5 min." as AWS writes it: the Android client reads the clock difference out of this text when
/// there is no Date header.
std::string window_text(std::chrono::seconds window) {
  return window % std::chrono::minutes(1) == std::chrono::seconds(0)
             ? std::to_string(window / std::chrono::minutes(1)) + " min."
             : std::to_string(window.count()) + " sec.";
}

std::optional<Denial> check_time(const Presented& presented, const Rules& rules, base::Time now) {
  const auto ahead = std::chrono::floor<std::chrono::seconds>(presented.time - now);
  if (ahead > rules.skew_max) {
    return Denial{Reason::kNotYetCurrent,
                  "Signature not yet current: " + presented.time_text + " is still later than " +
                      iso_basic(now + rules.skew_max) + " (" + iso_basic(now) + " + " +
                      window_text(rules.skew_max) + ")"};
  }
  const std::chrono::seconds allowed = presented.expires.value_or(rules.skew_max);
  const auto age = std::chrono::floor<std::chrono::seconds>(now - presented.time);
  if (age > allowed) {
    return Denial{Reason::kExpired, "Signature expired: " + presented.time_text +
                                        " is now earlier than " + iso_basic(now - allowed) + " (" +
                                        iso_basic(now) + " - " + window_text(allowed) + ")"};
  }
  return std::nullopt;
}

std::optional<Denial> check_token(const Presented& presented, const Secret& secret) {
  if (!codec::equal_constant_time(presented.token, secret.session_token)) {
    return Denial{Reason::kWrongToken, std::string(kUnknownText)};
  }
  return std::nullopt;
}

}  // namespace

Verdict Verifier::verify(const Request& request, const Rules& rules, base::Time now,
                         const SecretLookup& secret_of) {
  std::variant<Presented, Denial> read = read_presented(request);
  if (Denial* const denial = std::get_if<Denial>(&read)) {
    return {std::move(*denial), {}};
  }
  const Presented& presented = std::get<Presented>(read);
  Verdict verdict{std::nullopt, presented.access_key_id};
  const std::optional<Secret> secret = secret_of(presented.access_key_id);
  if (!secret) {
    verdict.denial = Denial{Reason::kUnknownKey, std::string(kUnknownText)};
    return verdict;
  }
  verdict.denial = check_token(presented, *secret);
  if (!verdict.denial) {
    verdict.denial = check_scope(presented, rules);
  }
  if (!verdict.denial) {
    verdict.denial = check_time(presented, rules, now);
  }
  if (!verdict.denial) {
    verdict.denial = check_signed_headers(request, presented);
  }
  if (!verdict.denial) {
    verdict.denial = check_signature(request, presented, *secret);
  }
  return verdict;
}

std::optional<Denial> Verifier::check_signature(const Request& request, const Presented& presented,
                                                const Secret& secret) {
  const std::string payload_hash = codec::to_hex(codec::sha256(request.body));
  if (has_header(request.headers, "x-amz-content-sha256") &&
      header_value(request.headers, "x-amz-content-sha256") != payload_hash) {
    return Denial{Reason::kWrongBody,
                  "The value of 'x-amz-content-sha256' is not the SHA-256 of the body received."};
  }
  const std::optional<std::string> canonical =
      canonical_request(request, presented.signed_headers, payload_hash);
  if (!canonical) {
    return Denial{Reason::kMismatch, std::string(kMismatchText)};
  }
  const std::optional<codec::Digest> known =
      keys_.find(presented.access_key_id, secret.secret_access_key, presented.scope);
  const codec::Digest key = known ? *known : signing_key(secret.secret_access_key, presented.scope);
  const std::string expected =
      signature(key, string_to_sign(presented.time_text, presented.scope, *canonical));
  if (!codec::equal_constant_time(expected, presented.signature)) {
    return Denial{Reason::kMismatch, std::string(kMismatchText)};
  }
  if (!known) {
    keys_.put(presented.access_key_id, secret.secret_access_key, presented.scope, key);
  }
  return std::nullopt;
}

}  // namespace api::sigv4

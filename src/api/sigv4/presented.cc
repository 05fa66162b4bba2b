#include "api/sigv4/presented.h"

#include "base/text.h"
#include "base/time_text.h"
#include "codec/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace api::sigv4 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kSignedHeadersMax = 64;
constexpr std::int64_t kExpiresMaxSeconds = 604'800;  // a week, the longest AWS signs for

Denial incomplete(std::string message) { return {Reason::kIncomplete, std::move(message)}; }

/// The texts of a signature before they are taken apart.
struct Parts {
  std::optional<std::string> credential;
  std::optional<std::string> signed_headers;
  std::optional<std::string> signature;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<base::Time> parse_iso_basic(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !all_digits(text.substr(0, 8)) ||
      !all_digits(text.substr(9, 6))) {
    return std::nullopt;
  }
  return base::parse_iso8601(text);
}

/// "AKID/20150830/us-east-1/service/aws4_request", taken apart from the right: an access key may
/// hold a slash.
bool read_credential(std::string_view text, Presented& out) {
  std::array<std::string_view, 4> parts;  // date, region, service, terminator
  for (std::size_t i = parts.size(); i > 0; --i) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) {
      return false;
    }
    parts.at(i - 1) = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  const auto& [date, region, service, terminator] = parts;
  if (text.empty() || date.size() != 8 || !all_digits(date) || region.empty() || service.empty() ||
      terminator != "aws4_request") {
    return false;
  }
  out.access_key_id = text;
  out.scope = {std::string(date), std::string(region), std::string(service)};
  return true;
}

/// Lower-case names, each once. A name twice would repeat a header as often as an attacker likes.
bool read_signed_headers(std::string_view text, Presented& out) {
  for (const std::string_view name : split(text, ';')) {
    const bool lower = std::none_of(name.begin(), name.end(),
                                    [](char c) { return (c >= 'A' && c <= 'Z') || c <= ' '; });
    const bool known = std::find(out.signed_headers.begin(), out.signed_headers.end(), name) !=
                       out.signed_headers.end();
    if (name.empty() || !lower || known || out.signed_headers.size() >= kSignedHeadersMax) {
      return false;
    }
    out.signed_headers.emplace_back(name);
  }
  return true;
}

std::optional<Denial> read_parts(const Parts& parts, std::string_view where, Presented& out) {
  std::string missing;
  for (const auto& [name, part] :
       {std::pair{"Credential", &parts.credential}, std::pair{"Signature", &parts.signature},
        std::pair{"SignedHeaders", &parts.signed_headers}}) {
    if (!*part || (*part)->empty()) {
      missing += missing.empty() ? "" : " ";
      missing += std::string(where) + " requires '" + name + "' parameter.";
    }
  }
  if (!missing.empty()) {
    return incomplete(std::move(missing));
  }
  if (!read_credential(*parts.credential, out)) {
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/aws4_request.");
  }
  if (!read_signed_headers(*parts.signed_headers, out)) {
    return incomplete(
        "SignedHeaders must be lower-case header names, each once, separated by ';'.");
  }
  out.signature = *parts.signature;
  return std::nullopt;
}

/// X-Amz-Date, else Date in either form; the header that was used must be signed.
std::optional<Denial> read_header_time(const Request& request, Presented& out) {
  out.time_header = has_header(request.headers, "x-amz-date") ? "x-amz-date" : "date";
  const std::string_view text = header_value(request.headers, out.time_header);
  std::optional<base::Time> time = parse_iso_basic(text);
  if (!time && out.time_header == "date") {
    time = base::parse_http_date(text);
  }
  if (!time) {
    return incomplete(
        "Authorization header requires existence of either a 'X-Amz-Date' or a "
        "'Date' header in ISO 8601 basic format.");
  }
  out.time = *time;
  out.time_text = iso_basic(*time);
  return std::nullopt;
}

std::variant<Presented, Denial> read_header_form(const Request& request,
                                                 std::string_view authorization) {
  Presented out;
  out.form = Form::kHeader;
  Parts parts;
  for (const std::string_view piece : split(authorization.substr(kAlgorithm.size()), ',')) {
    const std::string_view pair = base::trim(piece, base::kWhiteSpace);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      continue;
    }
    const std::string_view name = pair.substr(0, equals);
    const std::string value(pair.substr(equals + 1));
    if (name == "Credential") {
      parts.credential = value;
    } else if (name == "SignedHeaders") {
      parts.signed_headers = value;
    } else if (name == "Signature") {
      parts.signature = value;
    }
  }
  if (std::optional<Denial> denial = read_parts(parts, "Authorization header", out)) {
    return *std::move(denial);
  }
  if (std::optional<Denial> denial = read_header_time(request, out)) {
    return *std::move(denial);
  }
  out.token = header_value(request.headers, "x-amz-security-token");
  return out;
}

std::optional<Denial> read_expires(const std::optional<std::string>& text, Presented& out) {
  if (!text) {
    return std::nullopt;  // the beacon of Amplify 1 to 5 sends none
  }
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 1 ||
      seconds > kExpiresMaxSeconds) {
    return incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800.");
  }
  out.expires = std::chrono::seconds(seconds);
  return std::nullopt;
}

std::variant<Presented, Denial> read_query_form(const Request& request) {
  Presented out;
  out.form = Form::kQuery;
  const auto value = [&request](std::string_view name) {
    return codec::query_value(request.query, name);
  };
  if (value("X-Amz-Algorithm") != kAlgorithm) {
    return incomplete("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  }
  const Parts parts{value("X-Amz-Credential"), value("X-Amz-SignedHeaders"),
                    value("X-Amz-Signature")};
  if (std::optional<Denial> denial = read_parts(parts, "Query string", out)) {
    return *std::move(denial);
  }
  const std::string date = value("X-Amz-Date").value_or("");
  const std::optional<base::Time> time = parse_iso_basic(date);
  if (!time) {
    return incomplete("Query string requires 'X-Amz-Date' parameter in ISO 8601 basic format.");
  }
  out.time = *time;
  out.time_text = date;
  if (std::optional<Denial> denial = read_expires(value("X-Amz-Expires"), out)) {
    return *std::move(denial);
  }
  out.token = value("X-Amz-Security-Token")
                  .value_or(std::string(header_value(request.headers, "x-amz-security-token")));
  return out;
}

}  // namespace

std::variant<Presented, Denial> read_presented(const Request& request) {
  const std::string_view authorization = header_value(request.headers, "authorization");
  if (authorization.starts_with(kAlgorithm)) {
    return read_header_form(request, authorization);
  }
  if (codec::query_value(request.query, "X-Amz-Signature") ||
      codec::query_value(request.query, "X-Amz-Algorithm")) {
    return read_query_form(request);
  }
  if (!authorization.empty()) {
    return incomplete("Authorization header must be of type AWS4-HMAC-SHA256.");
  }
  return Denial{Reason::kNoSignature, "Missing Authentication Token"};
}

std::string iso_basic(base::Time time) {
  std::string out;
  for (const char c : base::format_iso8601_ms(time).substr(0, 19)) {
    if (c != '-' && c != ':') {
      out += c;
    }
  }
  return out + 'Z';
}

}  // namespace api::sigv4

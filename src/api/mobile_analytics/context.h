#pragma once
// The client context: a JSON object in a header that says which app, which installation and which
// device the events of a request are from.

#include "api/mobile_analytics/exceptions.h"
#include "api/mobile_analytics/problem.h"
#include "event/record.h"
#include "json/value.h"

#include <optional>
#include <string>

namespace api::mobile_analytics {

/// As sent, whether base64 or not.
inline constexpr std::size_t kContextBytesMax = std::size_t{16} << 10U;

struct Context {
  std::string app_id;  ///< The Mobile Analytics app id.
  std::string client_id;
  std::string app_title;
  std::string app_version_name;
  std::string app_version_code;
  std::string app_package_name;
  std::string platform;  ///< As sent.
  std::string platform_version;
  std::string make;
  std::string model;
  std::string locale;
  std::string language;  ///< First part of `locale`.
  std::string country;   ///< Its two capital letters.
  std::string carrier;
  std::string network_type;
  std::string sdk_name;
  std::string sdk_version;
  std::string json;          ///< The whole context, canonical.
  std::uint8_t repairs = 0;  ///< json::Repair
  bool published_client = false;
};

/// Reads and checks the header. Who the client is follows from the request, unless
/// `published_client` says it: then that verdict stands.
std::optional<Problem> read_context(const event::Record& record,
                                    std::optional<bool> published_client, Context& out);

}  // namespace api::mobile_analytics

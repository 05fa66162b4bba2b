#include "load/app_file.h"

#include "json/value.h"

#include <array>

namespace load {

base::Result<AppKeys> read_app(std::string_view text) {
  const base::Result<json::Document> document = json::Document::parse(text);
  if (!document) {
    return document.error();
  }
  AppKeys out;
  struct Place {
    std::string_view api;  ///< "" for the object itself.
    std::string_view member;
    std::string* keep;
  };
  const std::array<Place, 7> places = {{
      {"", "app_id", &out.app_id},
      {"clevertap", "account_id", &out.clevertap_account_id},
      {"clevertap", "passcode", &out.clevertap_passcode},
      {"mobile_analytics", "app_id", &out.mobile_app_id},
      {"mobile_analytics", "access_key_id", &out.aws_access_key_id},
      {"mobile_analytics", "secret_access_key", &out.aws_secret_access_key},
      {"segmentstream", "api_token", &out.segmentstream_token},
  }};
  const json::Value root = document->root();
  for (const Place& place : places) {
    const json::Value object = place.api.empty() ? root : root[place.api];
    const auto found = object[place.member].string();
    if (!found || found->empty()) {
      std::string name(place.api);
      name.append(name.empty() ? "" : ".").append(place.member);
      return base::fail(base::Code::kInvalid, name +
                                                  " is missing; expected what `catchment app "
                                                  "create` prints");
    }
    *place.keep = *found;
  }
  out.aws_session_token =
      root["mobile_analytics"]["session_token"].string().value_or(std::string_view());
  return out;
}

}  // namespace load

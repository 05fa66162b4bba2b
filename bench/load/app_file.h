#pragma once
// The credentials an application has for the four APIs, from the JSON `catchment app create`
// prints.

#include "base/result.h"

#include <string>
#include <string_view>

namespace load {

struct AppKeys {
  std::string app_id;
  std::string clevertap_account_id;
  std::string clevertap_passcode;
  std::string mobile_app_id;
  std::string aws_access_key_id;
  std::string aws_secret_access_key;
  std::string aws_session_token;  ///< "" for a key that is not temporary.
  std::string segmentstream_token;
};

/// kInvalid names the member that is missing.
base::Result<AppKeys> read_app(std::string_view json);

}  // namespace load

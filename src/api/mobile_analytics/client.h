#pragma once
// Which library sent a request: published ones are allowed what exceptions.h lists.

#include "event/record.h"
#include "json/value.h"

#include <string>
#include <string_view>

namespace api::mobile_analytics {

/// Names of the headers that decoding needs; the endpoint keeps them in the Record.
inline constexpr std::string_view kContextHeader = "x-amz-client-context";
inline constexpr std::string_view kAmzUserAgentHeader = "x-amz-user-agent";
inline constexpr std::string_view kClientSdkHeader = "x-amzn-clientsdkversion";
inline constexpr std::string_view kContentEncodingHeader = "content-encoding";

/// True for a user agent that starts "aws-sdk-", a x-amz-user-agent or x-amzn-ClientSDKVersion
/// header, or an sdk_name in the client context. `context` may be absent.
bool is_published_client(const event::Record& record, json::Value context);

/// True for AWS Mobile SDK for iOS.
bool is_ios_client(std::string_view user_agent);
/// True for aws-sdk-js, in Node or in a browser.
bool is_javascript_client(std::string_view user_agent, std::string_view amz_user_agent);

struct Sdk {
  std::string name;
  std::string version;
};
/// From the headers, for clients whose context does not say: "aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US"
/// is aws-sdk-iOS, 2.4.16. Empty for what is no AWS client.
Sdk sdk_of_headers(const event::Record& record);

}  // namespace api::mobile_analytics

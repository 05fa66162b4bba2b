#include "api/mobile_analytics/client.h"

#include "json/writer.h"

#include <algorithm>

namespace api::mobile_analytics {
namespace {

constexpr std::string_view kAwsSdk = "aws-sdk-";

Sdk split_at(std::string_view text, std::size_t separator) {
  if (separator == std::string_view::npos) {
    return {json::make_utf8(text), {}};
  }
  return {json::make_utf8(text.substr(0, separator)), json::make_utf8(text.substr(separator + 1))};
}

}  // namespace

bool is_published_client(const event::Record& record, json::Value context) {
  if (record.user_agent.starts_with(kAwsSdk) || !record.header(kAmzUserAgentHeader).empty() ||
      !record.header(kClientSdkHeader).empty()) {
    return true;
  }
  const json::Value name = context["services"]["mobile_analytics"]["sdk_name"];
  return !name.string().value_or("").empty();
}

bool is_ios_client(std::string_view user_agent) { return user_agent.starts_with("aws-sdk-iOS/"); }

bool is_javascript_client(std::string_view user_agent, std::string_view amz_user_agent) {
  const auto is_javascript = [](std::string_view text) {
    return text.starts_with("aws-sdk-js/") || text.starts_with("aws-sdk-nodejs/");
  };
  return is_javascript(user_agent) || is_javascript(amz_user_agent);
}

Sdk sdk_of_headers(const event::Record& record) {
  for (const std::string_view text : {record.user_agent, record.header(kAmzUserAgentHeader)}) {
    if (text.starts_with(kAwsSdk)) {
      const std::string_view token = text.substr(0, text.find(' '));
      return split_at(token, token.find('/'));
    }
  }
  const std::string_view android = record.header(kClientSdkHeader);  // "Name-1.2.3"
  return split_at(android, android.rfind('-'));
}

}  // namespace api::mobile_analytics

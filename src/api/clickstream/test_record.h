#pragma once
// A Clickstream request as the journal would give it back, for tests.

#include "event/record.h"

#include <string>
#include <string_view>
#include <utility>

namespace api::clickstream {

inline constexpr std::string_view kTestTarget = "/collect?platform=Web&appId=shop";

/// Lifetime: the Record views `body` and literals.
inline event::Record test_record(std::string_view body, std::string_view target = kTestTarget) {
  event::Record record;
  record.api = event::Api::kClickstream;
  record.received_at = base::from_us(1'700'000'000'000'000);
  record.app_id = "shop";
  record.request_id = "0af70af70af74af78af70af70af70af7";
  record.method = "POST";
  record.target = target;
  record.peer_ip = "198.51.100.9";
  record.user_agent = "curl/8";
  record.body = body;
  return record;
}

/// One event with the required members and `more` (",\"key\":value" text) behind them.
inline std::string test_event(std::string_view more = "") {
  return R"({"event_type":"view","event_id":"e1","timestamp":1667877566697,"app_id":"shop")" +
         std::string(more) + "}";
}

}  // namespace api::clickstream

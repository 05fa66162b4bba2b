#pragma once
// A CleverTap request as the journal would give it back, for tests.

#include "event/record.h"

#include <string>
#include <string_view>

namespace api::clevertap {

inline constexpr std::int64_t kTestReceivedUs = 1'700'000'000'123'000;

/// Lifetime: the Record views `body` and literals.
inline event::Record test_record(std::string_view body) {
  event::Record record;
  record.api = event::Api::kClevertap;
  record.received_at = base::from_us(kTestReceivedUs);
  record.app_id = "shop";
  record.request_id = "0af70af70af74af78af70af70af70af7";
  record.method = "POST";
  record.target = "/1/upload";
  record.peer_ip = "198.51.100.9";
  record.user_agent = "node-fetch/1.0";
  record.body = body;
  return record;
}

/// {"d":[records]}
inline std::string batch_of(std::string_view records) {
  return "{\"d\":[" + std::string(records) + "]}";
}

inline std::string quoted(std::size_t size, char c = 'x') {
  return '"' + std::string(size, c) + '"';
}

/// The payload of the vendor's page, without its comment.
inline constexpr std::string_view kVendorPayload = R"({"d":[
  {"FBID":"34322423","ts":1468308340,"type":"event","evtName":"Product viewed",
   "evtData":{"Product name":"Casio Chronograph Watch","Category":"Mens Watch","Price":59.99,
              "Currency":"USD"}},
  {"identity":"jack@gmail.com","ts":1468208340,"type":"event","evtName":"Charged",
   "evtData":{"Amount":300,"Currency":"USD","Payment mode":"Credit Card",
              "Delivery By":"$D_1468322268",
              "Items":[{"Category":"books","Book name":"The millionaire next door","Quantity":1},
                       {"Category":"books","Book name":"Achieving inner zen","Quantity":4}]}}]})";

}  // namespace api::clevertap

// What a request costs at the edge (review) and in the loader (decode), for a hundred events as the
// Web SDK sends them.

#include "api/clickstream/decode.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

std::string web_event(int number) {
  const std::string id = std::to_string(100'000 + number);
  return R"({"event_type":"_page_view","event_id":"460daa08-0717-4385-8f2e-acb5bd)" + id +
         R"(","device_id":"c84ad28d-16a8-4af4-a331-f34cdc7a7a18",)"
         R"("unique_id":"c84ad28d-16a8-4af4-a331-f34cdc7a7a18","app_id":"shop",)"
         R"("timestamp":1717500010000,"host_name":"shop.example","locale":"en-US",)"
         R"("system_language":"en","country_code":"US","zone_offset":7200000,"make":"Gecko",)"
         R"("platform":"Web","screen_height":1080,"screen_width":1920,)"
         R"("viewport_height":900,)"
         R"("viewport_width":1900,"sdk_name":"aws-solution-clickstream-sdk",)"
         R"("sdk_version":"0.12.6",)"
         R"("user":{"_user_id":{"value":"u-7","set_timestamp":1717500000000},)"
         R"("_user_first_touch_timestamp":{"value":1717500000000,"set_timestamp":1717500000000}},)"
         R"("attributes":{"_page_referrer":"","_page_referrer_title":"","_entrances":1,)"
         R"("_session_id":"d0c6a1f8-20240604-112010000","_session_start_timestamp":1717500010000,)"
         R"("_session_duration":0,"_session_number":1,"_page_title":"Boots",)"
         R"("_page_url":"https://shop.example/boots?utm_source=news","_latest_referrer":"",)"
         R"("productName":"shoes","Price":99.9}})";
}

constexpr int kEvents = 100;

const std::string& body() {
  static const std::string text = [] {
    std::string events = "[";
    for (int number = 0; number < kEvents; ++number) {
      events += (number == 0 ? "" : ",") + web_event(number);
    }
    return events + "]";
  }();
  return text;
}

event::Record make_record() {
  event::Record record;
  record.app_id = "shop";
  record.target = "/collect?platform=Web&appId=shop&event_bundle_sequence_id=4";
  record.peer_ip = "198.51.100.9";
  record.body = body();
  return record;
}

void review(benchmark::State& state) {
  const event::Record record = make_record();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        api::clickstream::review(record, [](std::string_view) { return true; }));
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK(review);

void decode(benchmark::State& state) {
  const event::Record record = make_record();
  for (auto _ : state) {
    benchmark::DoNotOptimize(api::clickstream::decode(record));
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK(decode);

}  // namespace

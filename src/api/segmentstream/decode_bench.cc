// What a request costs at the edge (check) and in the loader (decode): one hit with a user, as back
// ends send it, and one with a cart.

#include "api/segmentstream/decode.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace api::segmentstream {
namespace {

constexpr std::string_view kBegin =
    R"({"hitId":"4c59d330-35c7-11e9-8f27-8d1d7d4690e7","sentAt":"2019-02-21T10:56:10.723Z",)"
    R"("event":{"category":"Ecommerce","name":"Completed Transaction","label":"some label",)"
    R"("user":{"anonymousId":"80ddb140-35c6-11e9-bd56-eb1c05e6de18","userId":"u2783187492",)"
    R"("firstName":"John","lastName":"Doe","email":"john@example.com"})";
constexpr std::string_view kEnd =
    R"(},"context":{"ip":"123.22.34.55","userAgent":"okhttp/4.12.0"
}
})";

std::string hit(std::int64_t items) {
  std::string out(kBegin);
  if (items > 0) {
    out.append(R"(,"transaction":{"orderId":"o-1","total":120.5,"currency":"EUR","lineItems":[)");
    for (std::int64_t number = 0; number < items; ++number) {
      out.append(number == 0 ? "" : ",");
      out.append(R"({"product":{"id":"p-)").append(std::to_string(number));
      out.append(R"(","name":"Boots","category":["Shoes","Winter"],"unitSalePrice":59.9},)");
      out.append(R"("quantity":2})");
    }
    out.append("]}");
  }
  return out.append(kEnd);
}

event::Record record_with(std::string_view body) {
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.received_at = base::from_us(1'700'000'000'000'000);
  record.app_id = "shop";
  record.request_id = "0af70af70af74af78af70af70af70af7";
  record.method = "POST";
  record.target = "/track";
  record.peer_ip = "198.51.100.9";
  record.user_agent = "curl/8";
  record.body = body;
  return record;
}

void check(benchmark::State& state) {
  const std::string body = hit(state.range(0));
  const event::Record record = record_with(body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(segmentstream::check(record));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(check)->ArgName("items")->Arg(0)->Arg(10);

void decode(benchmark::State& state) {
  const std::string body = hit(state.range(0));
  const event::Record record = record_with(body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(segmentstream::decode(record));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode)->ArgName("items")->Arg(0)->Arg(10);

}  // namespace
}  // namespace api::segmentstream

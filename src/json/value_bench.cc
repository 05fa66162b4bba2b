// What reading and writing JSON costs, for a batch of a hundred events of about 1 KB.

#include "json/value.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

std::string event_text(int number) {
  const std::string id = std::to_string(100'000 + number);
  return R"({"event_type":"_page_view","event_id":"460daa08-0717-4385-8f2e-acb5bd)" + id +
         R"(","device_id":"c84ad28d-16a8-4af4-a331-f34cdc7a7a18","app_id":"shop",)"
         R"("timestamp":1717500010000,"host_name":"shop.example","locale":"en-US",)"
         R"("zone_offset":7200000,"make":"Gecko","platform":"Web","screen_height":1080,)"
         R"("screen_width":1920,"sdk_name":"aws-solution-clickstream-sdk","sdk_version":"0.12.6",)"
         R"("user":{"_user_id":{"value":"u-7","set_timestamp":1717500000000},)"
         R"("_user_name":{"value":"Zo\u00eb \"Z\"","set_timestamp":1717500000000}},)"
         R"("attributes":{"_page_referrer":"","_entrances":1,"_session_number":1,)"
         R"("_session_id":"d0c6a1f8-20240604-112010000","_page_title":"Boots & shoes",)"
         R"("_page_url":"https://shop.example/boots?utm_source=news","Price":99.9,)"
         R"("longitude":13.404953999999975,"tags":["a","b","c"],"in_stock":true,"note":null}})";
}

const std::string& batch() {
  static const std::string text = [] {
    std::string events = "[";
    for (int number = 0; number < 100; ++number) {
      events += (number == 0 ? "" : ",") + event_text(number);
    }
    return events + "]";
  }();
  return text;
}

void count(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void parse_batch(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::Document::parse(batch()));
  }
  count(state, batch().size());
}
BENCHMARK(parse_batch);

void parse_one(benchmark::State& state) {
  const std::string text = event_text(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::Document::parse(text));
  }
  count(state, text.size());
}
BENCHMARK(parse_one);

void parse_many_keys(benchmark::State& state) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i) {
    text += (i == 0 ? "\"key" : ",\"key") + std::to_string(i * 7919 % 10'007) + "\":1";
  }
  text += "}";
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::Document::parse(text));
  }
  count(state, text.size());
}
BENCHMARK(parse_many_keys);

void write_batch(benchmark::State& state) {
  const base::Result<json::Document> document = json::Document::parse(batch());
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::write(document->root()));
  }
  count(state, batch().size());
}
BENCHMARK(write_batch);

}  // namespace

// What it costs to unpack the body of a request, and to pack one: batches of events as mobile SDKs
// send them.

#include "codec/compression.h"
#include "codec/hash.h"
#include "codec/text.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace codec {
namespace {

std::string batch(std::int64_t events) {
  std::string out = "[";
  for (std::int64_t number = 0; number < events; ++number) {
    out.append(number == 0 ? "" : ",");
    out.append(R"({"event_type":"_page_view","event_id":"460daa08-0717-4385-8f2e-)");
    out.append(std::to_string(static_cast<std::uint32_t>(number) * 2'654'435'761U));
    out.append(R"(","app_id":"shop","device_id":")");
    out.append(to_hex(sha256(std::to_string(number / 3))).substr(0, 32)).append("\",");
    out.append(R"("timestamp":)").append(std::to_string(1'717'500'010'000 + number * 731));
    out.append(R"(,"platform":"Android","os_version":"14","make":"Google","model":"Pixel 8",)");
    out.append(R"("locale":"en_US","network_type":"WIFI","sdk_name":"aws-solution-clickstream",)");
    out.append(R"("attributes":{"_screen_name":"Product","_screen_id":"com.example.Product",)");
    out.append(R"("_session_number":7,"price":)").append(std::to_string(number * 7 % 100));
    out.append(".99}}");
  }
  return out + "]";
}

/// By events in the batch.
void unpack(benchmark::State& state) {
  const std::string text = batch(state.range(0));
  const std::string packed = gzip(text);
  for (auto _ : state) {
    benchmark::DoNotOptimize(gunzip(packed, UnpackLimits{}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["packed_to"] =
      static_cast<double>(packed.size()) / static_cast<double>(text.size());
}
BENCHMARK(unpack)->Name("gunzip")->ArgName("events")->Arg(1)->Arg(10)->Arg(100);

/// As full segments of the journal are.
void pack_zstd(benchmark::State& state) {
  const std::string text = batch(state.range(0));
  std::size_t packed = 0;
  for (auto _ : state) {
    packed = zstd(text).size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["packed_to"] = static_cast<double>(packed) / static_cast<double>(text.size());
}
BENCHMARK(pack_zstd)->Name("zstd")->ArgName("events")->Arg(100)->Arg(1000);

}  // namespace
}  // namespace codec

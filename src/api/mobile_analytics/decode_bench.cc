// What a request costs at the edge (inspect) and in the loader (decode): batches of the guide's
// event, with the client context in its header.

#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/test_record.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace api::mobile_analytics {
namespace {

/// Sessions and scores differ, as otherwise every event would be a repeat of the first.
TestRecord batch(std::int64_t count) {
  std::vector<std::string> events;
  for (std::int64_t number = 0; number < count; ++number) {
    const std::string session = "\"s-" + std::to_string(number % 7) + "\"";
    const std::string score = std::to_string(10'000 + number);
    events.push_back(with(with(kGuideEvent, "\"s-1\"", session), "12345", score));
  }
  return TestRecord(batch_of(events));
}

void inspect(benchmark::State& state) {
  const TestRecord held = batch(state.range(0));
  const event::Record record = held.view();
  for (auto _ : state) {
    benchmark::DoNotOptimize(mobile_analytics::inspect(record));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(inspect)->ArgName("events")->Arg(1)->Arg(100);

void decode(benchmark::State& state) {
  const TestRecord held = batch(state.range(0));
  const event::Record record = held.view();
  for (auto _ : state) {
    benchmark::DoNotOptimize(mobile_analytics::decode(record));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode)->ArgName("events")->Arg(1)->Arg(100);

}  // namespace
}  // namespace api::mobile_analytics

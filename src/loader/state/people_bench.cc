// What one event costs the persons: known ones in the cache, and new ones, with a commit each
// 1,000.

#include "loader/state/people.h"
#include "loader/state/person_store.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

namespace loader::state {
namespace {

void see(benchmark::State& state) {
  auto database = Database::open(":memory:", Database::Mode::kReadWrite);
  static_cast<void>((*database)->run(PersonStore::schema()).has_value());
  auto persons = PersonStore::open(**database, std::uint64_t{32} << 20U);
  People people(**persons);
  event::Event event;
  event.app_id = "shop";
  event.api = event::Api::kClickstream;
  event.event_name = "click";
  event.received_at = 1'700'000'000'000'000;
  event.event_timestamp = event.received_at;
  event.person.properties = {{"plan", event::PropertyOp::kSet, "\"gold\"", 1000},
                             {"age", event::PropertyOp::kSet, "33", 1000}};
  const auto people_max = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t number = 0;
  for (auto _ : state) {
    event.person.identities = {{"device", "device-" + std::to_string(number % people_max)}};
    benchmark::DoNotOptimize(people.saw(event));
    if (++number % 1000 == 0) {
      static_cast<void>((*database)->run("BEGIN").has_value());
      static_cast<void>((*persons)->flush().has_value());
      static_cast<void>((*database)->run("COMMIT").has_value());
    }
  }
}

BENCHMARK(see)->Arg(100)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace loader::state

// What keeping the rollups costs an event: of a user whose day is known, and of a new one.

#include "io/memory_file_system.h"
#include "loader/rollup/rollup.h"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>

namespace loader::rollup {
namespace {

constexpr std::int64_t kStep = 16'000;

void events(benchmark::State& bench, std::uint64_t users) {
  const std::string folder = std::filesystem::temp_directory_path() / "catchment_rollup_bench";
  std::filesystem::remove_all(folder);
  const auto disk = io::posix_file_system();
  io::MemoryFileSystem files;
  auto state = std::move(*state::State::open(*disk, base::null_log(), {folder}));
  auto activity = std::move(*Activity::open(files, base::null_log(), "activity"));
  Rollup rollup(*state, *activity);
  event::Event event;
  event.app_id = "shop";
  event.api = event::Api::kClevertap;
  event.event_name = "Product viewed";
  event.properties = R"({"Product":"Shoes","Price":59.9,"Quantity":2,"Category":"Sport"})";
  event.event_date = 20'000;
  std::uint64_t at = 0;
  static_cast<void>(state->begin().has_value());
  for (auto _ : bench) {
    ++at;
    event.user_pseudo_id = std::to_string(at * 0x9e3779b97f4a7c15U % users);
    benchmark::DoNotOptimize(rollup.saw(event, {at, 0, 0}, kpi::default_rules(event.api), false));
    if (at % kStep == 0) {
      static_cast<void>(state->commit(at).has_value());
      static_cast<void>(state->begin().has_value());
      if (activity->index().wants_flush()) {
        static_cast<void>(activity->index().flush(at).has_value());
      }
      static_cast<void>(activity->index().tidy(50'000).has_value());
    }
  }
  state.reset();
  std::filesystem::remove_all(folder);
}

void known_users(benchmark::State& bench) { events(bench, 10'000); }
void new_users(benchmark::State& bench) { events(bench, UINT64_MAX); }
BENCHMARK(known_users);
BENCHMARK(new_users);

}  // namespace
}  // namespace loader::rollup

// What one question to the memory of ids costs: new ids, and repeated ones, with runs behind it.

#include "io/memory_file_system.h"
#include "loader/dedup/index.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

namespace loader::dedup {
namespace {

constexpr std::uint32_t kReceived = 1'700'000'000;

void ask(benchmark::State& state, bool repeated) {
  io::MemoryFileSystem files;
  auto index =
      Index::open(files, base::null_log(), Options{"dedup", std::chrono::days{30}, 1 << 18});
  const auto known = static_cast<std::uint64_t>(state.range(0));
  Position position = 0;
  for (std::uint64_t id = 0; id < known; ++id) {
    const Hash128 hash = codec::hash128(std::to_string(id));
    static_cast<void>((*index)->first(hash, Place{++position, 0, kReceived}).has_value());
    if ((*index)->wants_flush()) {
      static_cast<void>((*index)->flush(position).has_value());
      static_cast<void>((*index)->tidy(1 << 20).has_value());
    }
  }
  static_cast<void>((*index)->flush(position).has_value());
  std::uint64_t next = repeated ? 0 : known;
  for (auto _ : state) {
    const Hash128 hash = codec::hash128(std::to_string(repeated ? next++ % known : next++));
    benchmark::DoNotOptimize((*index)->first(hash, Place{++position, 0, kReceived}));
    if ((*index)->wants_flush()) {
      state.PauseTiming();
      static_cast<void>((*index)->flush(position).has_value());
      state.ResumeTiming();
    }
  }
  state.counters["runs"] = static_cast<double>((*index)->stats().runs);
}

void new_ids(benchmark::State& state) { ask(state, false); }
void repeated_ids(benchmark::State& state) { ask(state, true); }

BENCHMARK(new_ids)->Arg(1 << 20)->Arg(4 << 20);
BENCHMARK(repeated_ids)->Arg(1 << 20)->Arg(4 << 20);

}  // namespace
}  // namespace loader::dedup

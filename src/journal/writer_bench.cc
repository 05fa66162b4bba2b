// Append to answer, on the disk of the folder named by CATCHMENT_BENCH_FOLDER (default: here): how
// many records a second are durable with so many in flight, and what reading them back costs.

#include "io/file_system.h"
#include "journal/keeper.h"
#include "journal/reader.h"
#include "journal/writer.h"

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace journal {
namespace {

std::string folder() {
  const char* named = std::getenv("CATCHMENT_BENCH_FOLDER");
  return io::join(named != nullptr ? named : ".", "journal_bench");
}

void remove_all(io::FileSystem& files) {
  const base::Result<std::vector<std::string>> names = files.list(folder());
  if (!names) {
    return;
  }
  for (const std::string& name : *names) {
    static_cast<void>(files.remove(io::join(folder(), name)));
  }
}

/// Lets so many appends be under way.
class Window {
 public:
  explicit Window(std::int64_t width) : width_(width) {}
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < width_; });
    ++under_way_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_one();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }

 private:
  const std::int64_t width_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t under_way_ = 0;
};

/// A record whose bytes compress about as requests do.
std::string sample(std::size_t bytes, std::uint32_t number) {
  std::string out;
  for (std::uint32_t i = number * 100; out.size() < bytes; ++i) {
    out += "{\"event_type\":\"view\",\"event_id\":\"" + std::to_string(i * 2654435761U) + "\"},";
  }
  out.resize(bytes);
  return out;
}

void append_and_commit(benchmark::State& state) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::SystemClock clock;
  remove_all(*files);
  Options options;
  options.folder = folder();
  const auto writer = Writer::open(*files, clock, base::null_log(), options);
  if (!writer) {
    state.SkipWithError(writer.error().message.c_str());
    return;
  }
  const std::string record = sample(static_cast<std::size_t>(state.range(0)), 1);
  Window window(state.range(1));
  for ([[maybe_unused]] auto step : state) {
    window.enter();
    (*writer)->append(record, [&window, &state](const base::Result<Position>& result) {
      if (!result) {
        state.SkipWithError(result.error().message.c_str());
      }
      window.leave();
    });
  }
  window.drain();
  const double records = static_cast<double>(state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.SetBytesProcessed(static_cast<std::int64_t>(records) * state.range(0));
  state.counters["records_per_sync"] = records / static_cast<double>((*writer)->stats().syncs);
}
BENCHMARK(append_and_commit)
    ->ArgNames({"bytes", "in_flight"})
    ->ArgsProduct({{1024, 10240}, {1, 8, 64, 512}})
    ->UseRealTime();

/// range(0): 0 plain, 1 compressed.
void read_back(benchmark::State& state) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::SystemClock clock;
  remove_all(*files);
  Options options;
  options.folder = folder();
  options.segment_bytes = std::uint64_t{16} << 20U;
  const auto writer = Writer::open(*files, clock, base::null_log(), options);
  if (!writer) {
    state.SkipWithError(writer.error().message.c_str());
    return;
  }
  Window window(512);
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    window.enter();
    (*writer)->append(sample(1024, i),
                      [&window](const base::Result<Position>&) { window.leave(); });
  }
  window.drain();
  for (bool more = state.range(0) == 1; more;) {
    const base::Result<bool> done = compress_one(*files, folder());
    more = done && *done;
  }
  std::int64_t records = 0;
  for ([[maybe_unused]] auto step : state) {
    const auto reader = Reader::open(*files, folder(), 1);
    for (;;) {
      const auto entry = (*reader)->next((*writer)->durable_position());
      if (!entry || !entry->has_value()) {
        break;
      }
      ++records;
    }
  }
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * 1024);
}
BENCHMARK(read_back)->ArgName("compressed")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void compress(benchmark::State& state) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::SystemClock clock;
  remove_all(*files);
  Options options;
  options.folder = folder();
  options.segment_bytes = std::uint64_t{4} << 20U;
  const auto writer = Writer::open(*files, clock, base::null_log(), options);
  if (!writer) {
    state.SkipWithError(writer.error().message.c_str());
    return;
  }
  Window window(512);
  std::int64_t bytes = 0;
  for ([[maybe_unused]] auto step : state) {
    state.PauseTiming();
    for (std::uint32_t i = 0; i < 4200; ++i) {
      window.enter();
      (*writer)->append(sample(1024, i),
                        [&window](const base::Result<Position>&) { window.leave(); });
    }
    window.drain();
    state.ResumeTiming();
    const base::Result<bool> done = compress_one(*files, folder());
    if (!done || !*done) {
      state.SkipWithError("nothing was compressed");
      break;
    }
    bytes += static_cast<std::int64_t>(options.segment_bytes);
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(compress)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace journal

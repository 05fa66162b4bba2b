// What an event costs in the store: append, seal, and questions over hot and over sealed rows.

#include "base/log.h"
#include "io/file_system.h"
#include "store/duckdb/duckdb_store.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace store::duckdb {
namespace {

constexpr std::int64_t kDay = 19'675;

/// About 700 bytes, as a web client's page view: 35 columns filled.
event::Event make_event(std::int64_t number) {
  event::Event out;
  const std::string person = std::to_string(number % 5'000);
  out.app_id = "shop";
  out.event_id = "0b1f3c5e-7a9d-4e2f-8c6b-" + std::to_string(100'000'000'000 + number);
  out.event_name = number % 10 == 0 ? "purchase" : number % 3 == 0 ? "_page_view" : "_click";
  out.event_timestamp = kDay * 86'400'000'000 + number * 1'000;
  out.event_date = kDay;
  out.received_at = *out.event_timestamp + 40'000;
  out.user_pseudo_id = "f3a9c1d2-55b0-4b7e-9a10-" + person;
  out.user_id = number % 4 == 0 ? "customer-" + person : "";
  out.session_id = "a1b2c3d4-20231114-" + person;
  out.session_start = kDay * 86'400'000'000;
  out.session_duration_ms = number % 100'000;
  out.session_number = number % 9;
  out.platform = "Web";
  out.os_version = "10.15.7";
  out.make = "Apple";
  out.locale = "en-US";
  out.language = "en";
  out.country_code = "US";
  out.zone_offset_ms = -18'000'000;
  out.device_id = out.user_pseudo_id;
  out.event_bundle_sequence_id = number / 10;
  out.screen_width = 1920;
  out.screen_height = 1080;
  out.viewport_width = 1200;
  out.viewport_height = 900;
  out.sdk_name = "aws-solution-clickstream-sdk";
  out.sdk_version = "0.12.1";
  out.ip = "203.0.113." + std::to_string(number % 250);
  out.user_agent =
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/119.0";
  out.ua_browser = "Chrome";
  out.ua_os = "Mac OS X";
  out.geo_country = "US";
  out.page_url =
      "https://shop.example.com/product/" + std::to_string(number % 300) + "?utm_source=x";
  out.page_host = "shop.example.com";
  out.page_path = "/product/" + std::to_string(number % 300);
  out.page_title = "Product " + std::to_string(number % 300);
  out.properties = "{\"_session_id\":\"a1b2c3d4\",\"_page_title\":\"Product\",\"price\":" +
                   std::to_string(number % 90) + ",\"category\":\"shoes\",\"in_stock\":true}";
  out.journal_position = number + 1;
  return out;
}

std::vector<event::Event> make_events(std::int64_t first, std::int64_t count) {
  std::vector<event::Event> out;
  for (std::int64_t i = first; i < first + count; ++i) {
    out.push_back(make_event(i));
  }
  return out;
}

class Fixture {
 public:
  Fixture() {
    std::string name = (std::filesystem::temp_directory_path() / "store_bench_XXXXXX").string();
    root_ = mkdtemp(name.data());
    Options options;
    options.folder = root_ + "/store";
    store_ = std::move(*open(options, *files_, base::null_log()));
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() {
    store_.reset();
    std::filesystem::remove_all(root_);
  }
  void append(std::vector<event::Event> events) {
    next_ += static_cast<std::int64_t>(events.size());
    Batch batch;
    batch.events.add(std::move(events));
    batch.through = static_cast<Position>(next_);
    static_cast<void>(store_->append(std::move(batch)).has_value());
  }
  void fill(std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; i += 10'000) {
      append(make_events(i, 10'000));
    }
  }
  Store& store() { return *store_; }

 private:
  std::string root_;
  std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  std::unique_ptr<Store> store_;
  std::int64_t next_ = 0;
};

void append(benchmark::State& state) {
  const std::vector<event::Event> events = make_events(0, state.range(0));
  auto fixture = std::make_unique<Fixture>();
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<event::Event> copy = events;
    if (fixture->store().stats().hot_rows > 500'000) {
      fixture = std::make_unique<Fixture>();
    }
    state.ResumeTiming();
    fixture->append(std::move(copy));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  const Stats stats = fixture->store().stats();
  state.counters["bytes_per_row"] =
      static_cast<double>(stats.hot_bytes) / static_cast<double>(stats.hot_rows);
}
BENCHMARK(append)->MeasureProcessCPUTime()->Arg(1)->Arg(100)->Arg(10'000)->Unit(
    benchmark::kMicrosecond);

void seal(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Fixture fixture;
    fixture.fill(state.range(0));
    state.ResumeTiming();
    static_cast<void>(fixture.store().seal().has_value());
    state.PauseTiming();
    bytes = static_cast<double>(fixture.store().stats().file_bytes);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_row"] = bytes / static_cast<double>(state.range(0));
}
BENCHMARK(seal)->MeasureProcessCPUTime()->Arg(100'000)->Unit(benchmark::kMillisecond);

constexpr std::string_view kCount = "SELECT count(*) FROM event";
constexpr std::string_view kGroup =
    "SELECT event_name, count(*), count(DISTINCT user_pseudo_id) FROM event GROUP BY 1";
constexpr std::string_view kProperty =
    "SELECT avg((properties ->> '$.price')::DOUBLE) FROM event WHERE event_name = 'purchase'";

void ask(benchmark::State& state, std::string_view sql, bool sealed) {
  Fixture fixture;
  fixture.fill(500'000);
  if (sealed) {
    static_cast<void>(fixture.store().seal().has_value());
  }
  for (auto _ : state) {
    auto result = fixture.store().query(sql, ResultFormat::kJson, {});
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK_CAPTURE(ask, count_hot, kCount, false)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, count_sealed, kCount, true)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, group_hot, kGroup, false)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, group_sealed, kGroup, true)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, property_hot, kProperty, false)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, property_sealed, kProperty, true)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// What a person waits for when there is next to nothing to read.
void ask_little(benchmark::State& state) {
  Fixture fixture;
  fixture.append(make_events(0, 10));
  for (auto _ : state) {
    auto result = fixture.store().query(kCount, ResultFormat::kJson, {});
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK(ask_little)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace store::duckdb

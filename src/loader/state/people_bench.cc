// What one event costs the persons, commits included: known ones and new ones of one API in memory;
// and traffic of all four APIs on a database file with so many persons.

#include "loader/state/people.h"
#include "loader/state/person_store.h"
#include "loader/state/schema.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>

namespace loader::state {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr std::uint64_t kCacheBytes = std::uint64_t{32} << 20U;

void see(benchmark::State& state) {
  auto database = Database::open(":memory:", Database::Mode::kReadWrite);
  static_cast<void>((*database)->run(PersonStore::schema()).has_value());
  auto persons = PersonStore::open(**database, kCacheBytes);
  People people(**persons);
  event::Event event;
  event.app_id = "shop";
  event.api = event::Api::kClickstream;
  event.event_name = "click";
  event.received_at = kNow;
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

/// Events of four APIs, each with its own way to name somebody.
class Traffic {
 public:
  explicit Traffic(std::uint64_t users) : users_(users) {
    event_.app_id = "shop";
    event_.event_name = "_session_start";
    event_.platform = "Android";
    event_.country_code = "NO";
    event_.traffic_source_source = "(direct)";
    event_.traffic_source_channel_group = "Direct";
  }

  /// By somebody who is the busier the lower the number, as in Zipf's law.
  const event::Event& next() {
    const double share = std::uniform_real_distribution<>()(random_);
    const double rank = std::pow(static_cast<double>(users_), share);
    return by(static_cast<std::uint64_t>(rank) * 0x9E3779B1U % users_);
  }

  /// By that user, on the APIs in turns.
  const event::Event& by(std::uint64_t user) {
    constexpr event::Api kApis[] = {event::Api::kClickstream, event::Api::kClevertap,
                                    event::Api::kMobileAnalytics, event::Api::kSegmentstream};
    const std::string name = "b1e6fd27." + std::to_string(user);
    event_.api = kApis[number_ % std::size(kApis)];
    event_.person.identities.clear();
    event_.person.properties.clear();
    switch (event_.api) {
      case event::Api::kClickstream:
        event_.person.identities = {{"device", "device-" + name}, {"user", name}};
        event_.person.properties = {{"plan", event::PropertyOp::kSet, "\"gold\"", 1000},
                                    {"age", event::PropertyOp::kSet, "33", 1000}};
        break;
      case event::Api::kClevertap: event_.person.identities = {{"identity", name}}; break;
      case event::Api::kMobileAnalytics: event_.person.identities = {{"device", name}}; break;
      case event::Api::kSegmentstream:
        event_.person.identities = {{"device", "anonymous-" + name}, {"user", name}};
        break;
    }
    ++number_;
    event_.received_at = kNow + static_cast<std::int64_t>(number_) * 50;
    event_.event_timestamp = *event_.received_at / 1'000'000 * 1'000'000;
    event_.journal_position = static_cast<std::int64_t>(number_ / 10);
    return event_;
  }

 private:
  std::uint64_t users_;
  std::uint64_t number_ = 0;
  std::minstd_rand random_{1};
  event::Event event_;
};

std::uint64_t bytes_written() {
  std::ifstream io("/proc/self/io");
  for (std::string word; io >> word;) {
    std::uint64_t number = 0;
    io >> number;
    if (word == "wchar:") {
      return number;
    }
  }
  return 0;
}

/// A file with four times so many persons.
void see_mixed(benchmark::State& state) {
  constexpr std::uint64_t kStep = 8'000;
  const auto users = static_cast<std::uint64_t>(state.range(0));
  std::string folder = "/tmp/people_bench_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    state.SkipWithError("no folder");
    return;
  }
  auto database = Database::open(folder + "/state.db", Database::Mode::kReadWrite);
  static_cast<void>(set_pragmas(**database).has_value());
  static_cast<void>((*database)->run(PersonStore::schema()).has_value());
  auto persons = PersonStore::open(**database, kCacheBytes);
  People people(**persons);
  Traffic traffic(users);
  std::uint64_t number = 0;
  const auto see = [&](const event::Event& event) {
    if (number++ % kStep == 0) {
      static_cast<void>((*database)->run("BEGIN IMMEDIATE").has_value());
    }
    benchmark::DoNotOptimize(people.saw(event));
    if (number % kStep == 0) {
      static_cast<void>((*persons)->flush().has_value());
      static_cast<void>((*database)->run("COMMIT").has_value());
    }
  };
  for (std::uint64_t user = 0; user < users; ++user) {
    for (int api = 0; api < 4; ++api) {
      see(traffic.by(user));
    }
  }
  const std::uint64_t before = bytes_written();
  for (auto _ : state) {
    see(traffic.next());
  }
  state.counters["written"] = benchmark::Counter(static_cast<double>(bytes_written() - before) /
                                                 static_cast<double>(state.iterations()));
  persons->reset();
  database->reset();
  std::filesystem::remove_all(folder);
}

BENCHMARK(see_mixed)->Arg(1'000)->Arg(65'000)->Arg(250'000)->Arg(600'000)->Iterations(400'000);

}  // namespace
}  // namespace loader::state

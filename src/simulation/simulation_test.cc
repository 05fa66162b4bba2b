#include "simulation/shrink.h"
#include "simulation/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace simulation {
namespace {

// Sanitizers make each history several times as long.
#ifdef CATCHMENT_SANITIZED
constexpr std::uint64_t kHistories = 400;
constexpr std::uint64_t kPointsApart = 7;
#else
constexpr std::uint64_t kHistories = 5000;
constexpr std::uint64_t kPointsApart = 1;
#endif
constexpr std::size_t kActionsMax = 26;
constexpr std::uint64_t kSeedOfLongOnes = 1'000'000;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt : std::optional(std::strtoull(text, nullptr, 10));
}

/// What many histories did together.
struct Totals {
  std::uint64_t histories = 0;
  std::uint64_t records = 0;
  std::uint64_t crashes = 0;
  std::uint64_t checks = 0;

  void add(const Outcome& outcome) {
    ++histories;
    records += outcome.records;
    crashes += outcome.crashes;
    checks += outcome.checks;
  }
  void print(std::uint64_t first_seed, double seconds) const {
    std::printf(
        "simulation: %lu histories from seed %lu survived in %.1f s (%.0f a second): "
        "%lu crashes, %lu checks, %lu records at their ends\n",
        histories, first_seed, seconds, static_cast<double>(histories) / seconds, crashes, checks,
        records);
  }
};

/// Shrinks what fails and prints it as the text of a fixture.
void report(const History& history, const Outcome& outcome) {
  const History small = shrink(history);
  const Outcome again = World(small).play();
  ADD_FAILURE() << outcome.failure << "\nreplay with CATCHMENT_SIM_SEED=" << history.seed
                << "; shrunk it fails with: " << again.failure << "\n"
                << history_text(small);
}

History of_seed(std::uint64_t seed) {
  const bool is_long = seed >= kSeedOfLongOnes && seed % 2 == 0;
  return make_history(seed, is_long ? 4 * kActionsMax : kActionsMax);
}

bool survives(const History& history, Totals& totals) {
  const Outcome outcome = World(history).play();
  totals.add(outcome);
  if (!outcome.failure.empty()) {
    report(history, outcome);
  }
  return outcome.failure.empty();
}

// CATCHMENT_SIM_SEED=N plays one history and prints it; CATCHMENT_SIM_SECONDS=N goes on for so long
// from a seed taken from the clock, which it prints.
TEST(Simulation, NothingAnsweredIsLostOrCountedTwice) {
  Totals totals;
  if (const auto seed = number_from("CATCHMENT_SIM_SEED")) {
    std::fputs(history_text(of_seed(*seed)).c_str(), stdout);
    EXPECT_TRUE(survives(of_seed(*seed), totals));
    return;
  }
  const auto seconds = number_from("CATCHMENT_SIM_SECONDS");
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const std::uint64_t first =
      seconds ? kSeedOfLongOnes + static_cast<std::uint64_t>(
                                      std::chrono::system_clock::now().time_since_epoch().count()) %
                                      1'000'000'000
              : 1;
  const auto more = [&] {
    return seconds ? passed() < static_cast<double>(*seconds) : totals.histories < kHistories;
  };
  for (std::uint64_t seed = first; more(); ++seed) {
    if (!survives(of_seed(seed), totals)) {
      break;
    }
  }
  totals.print(first, passed());
}

/// Short, and everything that writes happens in it.
constexpr const char* kShort =
    "history 1 1500 400 3 4 3000\n"
    "send lines event:1:1 profile:2:1 bad:0:0\n"
    "with clickstream event:1:1 event:2:2\n"
    "load 0 0\n"
    "seal 0 0\n"
    "send lines event:1:2 event:3:2\n"
    "with keyed 1 event:101:2 event:201:2\n"
    "with keyed 1 event:101:2 event:201:2\n"
    "step 0 0\n"
    "spare 0 0\n"
    "send clevertap event:7:3 profile:4:2\n"
    "with lines event:4:1 event:5:2 event:6:3 event:7:1 event:8:2 event:9:3\n"
    "prepare 0 0\n"
    "load 0 0\n"
    "seal-store 0 0\n"
    "compress 0 0\n"
    "seal 0 0\n"
    "compact 0 0\n"
    "tidy 0 0\n"
    "retry 0 0\n"
    "load 0 0\n"
    "seal 0 0\n"
    "start-over 0 0\n"
    "load 0 0\n"
    "seal 0 0\n";

TEST(Simulation, EveryCrashPointOfAShortHistoryIsSurvived) {
  const History plain = *parse_history(kShort);
  const Outcome whole = World(plain).play();
  ASSERT_EQ(whole.failure, "");
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t point = 1; point <= whole.changes; point += kPointsApart) {
    for (std::uint64_t loss = 0; loss < 4; ++loss) {
      History history = plain;
      history.seed = loss + 4 * point;
      Action power;
      power.kind = Action::Kind::kPowerAt;
      power.number = static_cast<std::int64_t>(point);
      history.actions.insert(history.actions.begin(), power);
      if (!survives(history, totals)) {
        return;
      }
    }
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  std::printf("simulation: %lu crash points, ", whole.changes);
  totals.print(1, passed.count());
}

TEST(Simulation, KeptHistoriesAreSurvived) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CATCHMENT_SIM_FIXTURES)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const auto history = parse_history(text.str());
    ASSERT_TRUE(history) << path << ": " << history.error().message;
    EXPECT_EQ(World(*history).play().failure, "") << path;
  }
}

TEST(Simulation, HistoryIsTheSameAgainFromItsSeedAndFromItsText) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const History history = of_seed(seed);
    const auto read = parse_history(history_text(history));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(history_text(*read), history_text(of_seed(seed)));
    const Outcome once = World(history).play();
    const Outcome twice = World(*read).play();
    EXPECT_EQ(once.changes, twice.changes) << "seed " << seed;
    EXPECT_EQ(once.crashes, twice.crashes) << "seed " << seed;
  }
}

}  // namespace
}  // namespace simulation

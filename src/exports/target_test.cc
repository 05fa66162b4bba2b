// Targets on a disk that loses its power: whatever is on it afterwards, the next run makes it what
// it would have been.

#include "exports/target.h"

#include "codec/compression.h"
#include "exports/receiver.h"
#include "io/memory_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace exports {
namespace {

using io::MemoryFileSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class Screen final : public control::Output {
 public:
  void out(std::string_view text) override { out_text += text; }
  void err(std::string_view text) override { err_text += text; }
  bool alive() override { return open; }
  [[nodiscard]] bool terminal() const override { return false; }
  std::string out_text;
  std::string err_text;
  bool open = true;
};

/// 2018-02-02, 02 o'clock.
constexpr std::int64_t kHour = 421'538;

/// What there is to export: position n is the line "n", four an hour.
constexpr event::Position kLast = 20;
std::int64_t hour_at(event::Position position) {
  return kHour + static_cast<std::int64_t>(position - 1) / 4;
}

class Targets : public testing::Test {
 protected:
  Targets() { EXPECT_TRUE(files_.create_directories("d")); }

  base::Result<OpenedTarget> open(bool hourly) {
    return hourly ? open_hourly_target("d/hourly", identity_, place_)
                  : open_file_target({"d/out", state_path_}, identity_, place_);
  }
  /// From where the target is to the end; false when the disk failed.
  bool export_all(bool hourly, event::Position last = kLast) {
    auto opened = open(hourly);
    if (!opened) {
      return false;
    }
    for (event::Position at = opened->resume.position + 1; at <= last; ++at) {
      clock_.advance(std::chrono::milliseconds(700));
      if (!opened->target->take(std::to_string(at) + "\n", {at, last, hour_at(at)})) {
        return false;
      }
    }
    return opened->target->finish().has_value();
  }
  /// Every hourly file: path below the application, and its lines.
  std::map<std::string, std::string> hourly_files() {
    std::map<std::string, std::string> out;
    for (std::int64_t hour = kHour; hour <= hour_at(kLast); ++hour) {
      const std::string folder =
          "d/hourly/awsma/events/shop/2018/02/02/0" + std::to_string(hour - kHour + 2);
      const auto names = files_.list(folder);
      for (const std::string& name : names ? *names : std::vector<std::string>()) {
        const auto text = codec::gunzip(files_.content(io::join(folder, name)), {});
        out[folder.substr(folder.size() - 2) + "/" + name] = text ? *text : "damaged";
      }
    }
    return out;
  }
  static std::string all_lines() {
    std::string out;
    for (event::Position at = 1; at <= kLast; ++at) {
      out += std::to_string(at) + "\n";
    }
    return out;
  }

  std::string state_path_ = "d/state";
  MemoryFileSystem files_;
  base::ManualClock clock_{base::from_us(1'517'537'625'000'000)};  // 02:13:45 of that hour
  Screen screen_;
  Identity identity_{"shop", "mobile-analytics-nested"};
  Place place_{screen_, files_, clock_};
};

TEST_F(Targets, HourlyFilesHaveTheLayoutOfTheService) {
  ASSERT_TRUE(export_all(true, 6));
  EXPECT_THAT(
      hourly_files(),
      ElementsAre(Pair("02/shop-1-2018-02-02-02-00-00-00000000000000000001.gz", "1\n2\n3\n4\n"),
                  Pair("03/shop-1-2018-02-02-03-00-00-00000000000000000005.gz", "5\n6\n")));
}

TEST_F(Targets, ASecondRunAddsOnlyWhatIsNew) {
  ASSERT_TRUE(export_all(true, 6));
  const auto before = hourly_files();
  ASSERT_TRUE(export_all(true, 6));
  EXPECT_EQ(hourly_files(), before);
  ASSERT_TRUE(export_all(true, 7));
  auto after = hourly_files();
  EXPECT_EQ(after.extract("03/shop-1-2018-02-02-03-00-00-00000000000000000007.gz").mapped(), "7\n");
  EXPECT_EQ(after, before);
}

TEST_F(Targets, AnHourIsClosedWhenItIsOver) {
  auto opened = open(true);
  ASSERT_TRUE(opened);
  Target& target = *opened->target;
  ASSERT_TRUE(target.take("1\n", {1, 1, kHour}));
  clock_.set(base::Time(std::chrono::hours(kHour + 1)));
  ASSERT_TRUE(target.take("", {1, 1, 0}));
  EXPECT_TRUE(hourly_files().empty()) << "requests of its last moment may be on their way";
  clock_.advance(std::chrono::minutes(1));
  ASSERT_TRUE(target.take("", {1, 2, 0}));
  EXPECT_TRUE(hourly_files().empty()) << "there is more to read";
  ASSERT_TRUE(target.take("", {2, 2, 0}));
  EXPECT_EQ(hourly_files().size(), 1U);
  // Somebody whose request took its time.
  ASSERT_TRUE(target.take("3\n", {3, 4, kHour}));
  ASSERT_TRUE(target.take("4\n", {4, 4, kHour + 1}));
  ASSERT_TRUE(target.finish());
  EXPECT_EQ(hourly_files().size(), 3U);
}

TEST_F(Targets, LateRowsOfAnHourAreInItsFolder) {
  auto opened = open(true);
  ASSERT_TRUE(opened);
  for (const auto& [position, hour] : {std::pair(1, 0), {2, 1}, {3, 0}, {4, 1}, {5, 0}}) {
    const auto at = static_cast<event::Position>(position);
    ASSERT_TRUE(opened->target->take(std::to_string(position) + "\n", {at, 5, kHour + hour}));
  }
  ASSERT_TRUE(opened->target->finish());
  EXPECT_THAT(hourly_files(), ElementsAre(Pair(testing::_, "1\n"), Pair(testing::_, "3\n5\n"),
                                          Pair(testing::_, "2\n4\n")));
}

TEST_F(Targets, ReplayedHoursDoNotStayOpenWithoutBound) {
  constexpr std::int64_t kHours = 100;
  const auto take = [](Target& target, std::int64_t at) {
    const auto position = static_cast<event::Position>(at);
    return target.take(std::to_string(at) + "\n", {position, kHours, kHour + kHours - at});
  };
  const auto unfinished = [this] {
    const auto names = files_.list("d/hourly/.unfinished-shop");
    return std::ranges::count_if(*names, [](const auto& name) { return name.ends_with(".gz"); });
  };
  {
    auto killed = open(true);
    ASSERT_TRUE(killed);
    for (std::int64_t at = 1; at <= 64; ++at) {
      ASSERT_TRUE(take(*killed->target, at));
    }
    EXPECT_EQ(unfinished(), 64);
    ASSERT_TRUE(take(*killed->target, 65));
    EXPECT_EQ(unfinished(), 1);
  }
  auto opened = open(true);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->resume.position, 64U);
  for (std::int64_t at = 65; at <= kHours; ++at) {
    ASSERT_TRUE(take(*opened->target, at));
  }
  ASSERT_TRUE(opened->target->finish());
  for (std::int64_t hour = 0; hour < kHours; ++hour) {
    const std::int64_t of_day = (hour + 2) % 24;
    const std::string folder = "d/hourly/awsma/events/shop/2018/02/0" +
                               std::to_string(2 + (hour + 2) / 24) + (of_day < 10 ? "/0" : "/") +
                               std::to_string(of_day);
    const auto names = files_.list(folder);
    ASSERT_TRUE(names && names->size() == 1U) << folder;
    const auto text = codec::gunzip(files_.content(io::join(folder, names->front())), {});
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, std::to_string(kHours - hour) + "\n");
  }
}

/// Cuts the power at every change of the disk in turn, loses what was not synced, and runs again.
class PowerCuts : public Targets, public testing::WithParamInterface<bool> {};

TEST_P(PowerCuts, NothingIsTwiceOrMissing) {
  const bool hourly = GetParam();
  ASSERT_TRUE(export_all(hourly));
  const auto expected = hourly_files();
  bool cut = true;
  for (std::uint64_t change = 1; cut; ++change) {
    for (const auto loss : {MemoryFileSystem::Loss::kAll, MemoryFileSystem::Loss::kRandom,
                            MemoryFileSystem::Loss::kNone}) {
      files_.remove_tree("d");
      ASSERT_TRUE(files_.create_directories("d"));
      files_.power_off_at(change);
      cut = !export_all(hourly);
      files_.restart(loss, change);
      ASSERT_TRUE(export_all(hourly)) << change;
      if (hourly) {
        ASSERT_EQ(hourly_files(), expected) << change;
      } else {
        ASSERT_EQ(files_.content("d/out"), all_lines()) << change;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, PowerCuts, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Hourly" : "OneFile"; });

TEST_F(Targets, WithoutAStateAFileIsWrittenAnew) {
  files_.set_content("d/out", "something long that was there");
  auto opened = open_file_target({"d/out", ""}, identity_, place_);
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->resume.begun);
  ASSERT_TRUE(opened->target->take("1\n", {1, 1, 0}));
  ASSERT_TRUE(opened->target->finish());
  EXPECT_EQ(files_.content("d/out"), "1\n");
}

TEST_F(Targets, AFileThatWasTakenAwayBeginsAnew) {
  ASSERT_TRUE(export_all(false, 3));
  ASSERT_TRUE(files_.rename("d/out", "d/out.1"));
  ASSERT_TRUE(export_all(false, 5));
  EXPECT_EQ(files_.content("d/out.1"), "1\n2\n3\n");
  EXPECT_EQ(files_.content("d/out"), "4\n5\n");
}

TEST_F(Targets, AFileThatWasTakenAwayLosesNothingToAPowerCut) {
  state_path_ = "s/state";  // syncing its folder says nothing about the other
  bool cut = true;
  for (std::uint64_t change = 1; cut; ++change) {
    for (const auto loss : {MemoryFileSystem::Loss::kAll, MemoryFileSystem::Loss::kRandom,
                            MemoryFileSystem::Loss::kNone}) {
      files_.remove_tree("d");
      files_.remove_tree("s");
      ASSERT_TRUE(files_.create_directories("d"));
      ASSERT_TRUE(files_.create_directories("s"));
      ASSERT_TRUE(export_all(false, 7));
      ASSERT_TRUE(files_.rename("d/out", "d/out.1"));
      files_.power_off_at(change);
      cut = !export_all(false);
      files_.restart(loss, change);
      ASSERT_TRUE(export_all(false)) << change;
      // A power cut may take back the renaming itself.
      ASSERT_EQ(files_.content("d/out.1") + files_.content("d/out"), all_lines()) << change;
    }
  }
}

TEST_F(Targets, AFileThatIsShorterThanItWasIsRefused) {
  ASSERT_TRUE(export_all(false, 3));
  files_.set_content("d/out", "1\n");
  const auto opened = open(false);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("has 2 bytes, and \"d/state\" says 6"));
}

TEST_F(Targets, AnotherApplicationOrShapeIsRefused) {
  for (const bool hourly : {false, true}) {
    ASSERT_TRUE(export_all(hourly, 3));
    identity_.shape = "mobile-analytics-flat";
    EXPECT_EQ(open(hourly).error().code, base::Code::kInvalid);
    identity_.shape = "mobile-analytics-nested";
  }
  identity_.app_id = "other";
  EXPECT_EQ(open(false).error().code, base::Code::kInvalid);
  EXPECT_EQ(open(true)->resume.position, 0U) << "each application has its own place in a folder";
  identity_.app_id = "..";
  EXPECT_EQ(open(true).error().code, base::Code::kInvalid);
}

TEST_F(Targets, OneRunAtATime) {
  for (const bool hourly : {false, true}) {
    const auto first = open(hourly);
    ASSERT_TRUE(first);
    EXPECT_EQ(open(hourly).error().code, base::Code::kUnavailable);
  }
}

TEST_F(Targets, AStateThatIsNoneIsRefused) {
  for (const char* text : {"", "{}", R"({"position":-1,"bytes":0})", "[1]"}) {
    files_.set_content("d/state", text);
    EXPECT_EQ(open(false).error().code, base::Code::kCorrupt) << text;
  }
}

TEST_F(Targets, AReceiverTakesWholePartsAndTellsWhereItEnded) {
  auto opened = open_file_target({}, identity_, place_);
  ASSERT_TRUE(opened);
  bool interrupt = false;
  Receiver receiver(std::move(opened->target), screen_, clock_,
                    {4, true, false, [&interrupt] { return interrupt; }});
  receiver.out("5\n");
  EXPECT_EQ(screen_.out_text, "");
  receiver.mark("5 9 0");
  EXPECT_EQ(screen_.out_text, "5\n");
  receiver.out("6");
  EXPECT_TRUE(receiver.alive());
  interrupt = true;
  EXPECT_FALSE(receiver.alive());
  EXPECT_EQ(receiver.finish(1), 0);
  EXPECT_EQ(screen_.out_text, "5\n") << "half a part would come again";
  EXPECT_EQ(screen_.err_text, "exported through position 5\n");
}

TEST_F(Targets, AnExportThatWasToEndByItselfFailsWhenInterrupted) {
  auto opened = open_file_target({}, identity_, place_);
  ASSERT_TRUE(opened);
  Receiver receiver(std::move(opened->target), screen_, clock_,
                    {0, false, false, [] { return true; }});
  EXPECT_FALSE(receiver.alive());
  EXPECT_EQ(receiver.finish(0), 1);
}

TEST_F(Targets, AReceiverWhosePipeIsClosedEnds) {
  auto opened = open_file_target({}, identity_, place_);
  ASSERT_TRUE(opened);
  Receiver receiver(std::move(opened->target), screen_, clock_, {});
  screen_.open = false;
  receiver.out("1\n");
  receiver.mark("1 1 0");
  EXPECT_FALSE(receiver.alive());
  EXPECT_EQ(receiver.finish(0), 1);
  EXPECT_EQ(screen_.err_text, "catchment: standard output is closed\n");
}

TEST_F(Targets, ABarIsShownWhenItTakesLong) {
  auto opened = open_file_target({}, identity_, place_);
  ASSERT_TRUE(opened);
  Receiver receiver(std::move(opened->target), screen_, clock_, {0, false, true, {}});
  receiver.mark("1 4 0");
  EXPECT_EQ(screen_.err_text, "");
  clock_.advance(std::chrono::seconds(3));
  receiver.mark("2 4 0");
  EXPECT_THAT(screen_.err_text, HasSubstr(" 50%  position 2 of 4"));
  EXPECT_EQ(receiver.finish(0), 0);
  EXPECT_THAT(screen_.err_text, testing::EndsWith("\r\x1b[Kexported through position 2\n"));
}

}  // namespace
}  // namespace exports

#pragma once
// A little world for tests of this room: events go through a real journal and loader into a real
// store and real rollups, and questions are asked of both.

#include "base/clock.h"
#include "base/log.h"
#include "base/time_text.h"
#include "io/file_system.h"
#include "journal/writer.h"
#include "kpi/kpi.h"
#include "kpi/part.h"
#include "kpi/render.h"
#include "loader/stepper.h"
#include "store/duckdb/duckdb_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kpi {

using event::Api;

/// Day 19,723 is 2024-01-01.
inline constexpr std::int64_t kFirstDay = 19'723;
inline constexpr std::int64_t kDayUs = 86'400'000'000;

class KpiWorld : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "catchment_kpi_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store::duckdb::Options store_options;
    store_options.folder = folder_ + "/store";
    auto store = store::duckdb::open(store_options, *files_, base::null_log());
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    journal::Options journal_options;
    journal_options.folder = options_.journal_folder = folder_ + "/journal";
    options_.state_folder = folder_ + "/state";
    journal_options.sync = journal::SyncMode::kOff;
    journal_options.reserve_bytes = 0;
    auto writer = journal::Writer::open(*files_, clock_, base::null_log(), journal_options);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_ = std::move(*writer);
    const auto decoder = [this](const event::Record& record) { return decode(record); };
    parts_ = std::make_unique<loader::Parts>(
        loader::Parts{.files = *files_,
                      .clock = clock_,
                      .log = base::null_log(),
                      .store = *store_,
                      .decoders = {},
                      .enrich = {},
                      .durable = [this] { return writer_->durable_position(); }});
    parts_->rule_book = [this] { return book_; };
    for (const Api api :
         {Api::kClickstream, Api::kClevertap, Api::kMobileAnalytics, Api::kSegmentstream}) {
      parts_->decoders[api] = decoder;
    }
    auto stepper = loader::Stepper::open(*parts_, options_, hooks_);
    ASSERT_TRUE(stepper) << stepper.error().message;
    stepper_ = std::move(*stepper);
  }
  void TearDown() override {
    stepper_.reset();
    writer_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// An event of application "game" at noon of a day, counted from kFirstDay, which is day 1.
  static event::Event make(std::int64_t day, std::string user, std::string name,
                           Api api = Api::kMobileAnalytics) {
    event::Event out;
    out.app_id = "game";
    out.api = api;
    out.event_name = std::move(name);
    out.user_pseudo_id = std::move(user);
    out.session_id = "s";
    out.event_timestamp = (kFirstDay + day - 1) * kDayUs + kDayUs / 2;
    out.properties = "{}";
    return out;
  }
  static event::Event start(std::int64_t day, std::string user) {
    return make(day, std::move(user), "_session.start");
  }
  /// A request of its own, received now.
  void send(event::Event event) {
    event::Record record;
    record.api = event.api;
    record.received_at = clock_.now();
    record.app_id = "game";
    const std::string body = std::to_string(events_.size());
    record.body = body;
    events_.push_back(std::move(event));
    std::string bytes;
    event::encode_record(record, bytes);
    std::promise<event::Position> done;
    writer_->append(std::move(bytes), [&done](base::Result<event::Position> position) {
      done.set_value(position ? *position : 0);
    });
    ASSERT_NE(done.get_future().get(), 0U);
  }
  void load() {
    for (;;) {
      const auto done = stepper_->step();
      ASSERT_TRUE(done) << done.error().message;
      if (done->records == 0) {
        return;
      }
    }
  }
  /// Today is this day, counted from kFirstDay.
  void set_day(std::int64_t day) {
    clock_.set(base::from_us((kFirstDay + day - 1) * kDayUs + kDayUs / 2));
  }

  [[nodiscard]] Sources sources() const { return {*store_, stepper_->state().path(), *book_, {}}; }
  base::Result<Question> read(std::string_view path, Parameters parameters = {}) const {
    return read_question(path, parameters, {"game", "Europe/Berlin", clock_.now()});
  }
  base::Result<Answer> ask(std::string_view path, Parameters parameters = {}) const {
    const auto question = read(path, std::move(parameters));
    return question ? answer(*question, sources()) : base::Result<Answer>(question.error());
  }
  /// Values of days 1 to `days`, with blanks between; "-" for null. Asks events and, where they
  /// suffice, rollups, and holds one against the other.
  std::string values(std::string_view path, std::int64_t days, Parameters parameters = {}) const {
    parameters.emplace_back("start-date", "2024-01-01");
    parameters.emplace_back("end-date",
                            base::format_date(base::Time(std::chrono::days(kFirstDay + days - 1))));
    const auto question = read(path, parameters);
    if (!question) {
      return question.error().message;
    }
    const auto told = answer(*question, sources());
    if (!told) {
      return told.error().message;
    }
    EXPECT_EQ(told->from_rollups, rollups_suffice(*question));
    const auto wanted = wanted_by(*question);
    const auto parts = read_events(*question, wanted, told->range, sources());
    if (!parts) {
      return parts.error().message;
    }
    const std::int64_t today = *today_of(*question, sources());
    const Answer other = assemble(*question, wanted, *parts, told->range, today);
    EXPECT_EQ(to_json(*told), to_json(other));
    std::string out;
    for (const Series& series : told->series) {
      out += question->group_by ? (out.empty() ? "" : " | ") + series.group.value_or("none") : "";
      for (const Point& point : series.points) {
        out += out.empty() ? "" : " ";
        out += is_null(point.value) ? "-" : to_text(point.value);
      }
    }
    return out;
  }

  base::ManualClock clock_{base::from_us((kFirstDay + 99) * kDayUs)};
  std::shared_ptr<RuleBook> book_ = std::make_shared<RuleBook>();
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<loader::Stepper> stepper_;

 private:
  event::Decoded decode(const event::Record& record) const {
    event::Decoded out;
    out.events.push_back(events_.at(std::stoul(std::string(record.body))));
    return out;
  }

  std::string folder_;
  const std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  std::unique_ptr<journal::Writer> writer_;
  loader::Options options_;
  loader::Hooks hooks_;
  std::unique_ptr<loader::Parts> parts_;
  std::vector<event::Event> events_;
};

}  // namespace kpi

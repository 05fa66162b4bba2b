#pragma once
// A whole pipeline for tests: journal, loader and store in a scratch folder, a clock that stands
// still, and SegmentStream hits to put in.

#include "base/clock.h"
#include "base/log.h"
#include "engine/pipeline.h"
#include "io/file_system.h"
#include "settings/settings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>  // NOLINT: for the scratch folder of a test
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace engine {

class PipelineTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "catchment_engine_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    open();
  }
  void TearDown() override {
    pipeline_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    settings_.journal.sync = journal::SyncMode::kOff;
    settings_.journal.reserve = 0;
    settings_.journal.segment_size = std::uint64_t{1} << 20U;
    auto started =
        Pipeline::start(folder_, settings_, {*files_, clock_, base::null_log(), rule_book_});
    ASSERT_TRUE(started) << started.error().message;
    pipeline_ = *std::move(started);
  }

  /// Puts one request in and gives its position.
  event::Position send(const std::string& app_id, const std::string& body,
                       std::vector<event::Note> notes = {}) {
    event::Record record;
    record.api = event::Api::kSegmentstream;
    record.app_id = app_id;
    record.received_at = clock_.now();
    record.request_id = "rid-1";
    record.method = "POST";
    record.target = "/track";
    record.headers = {{"content-type", "application/json"}};
    record.notes = std::move(notes);
    record.body = body;
    return put(record);
  }
  event::Position put(const event::Record& record) {
    std::promise<event::Position> position;
    pipeline_->intake().append(record, [&position](const base::Result<event::Position>& done) {
      position.set_value(done ? *done : 0);
    });
    return position.get_future().get();
  }
  static std::string hit(const std::string& id) {
    return R"({"event":{"name":"Seen","hitId":")" + id + R"(","user":{"anonymousId":"a"}}})";
  }
  void load() {
    const base::Status flushed = pipeline_->flush(std::chrono::seconds(60));
    ASSERT_TRUE(flushed) << flushed.error().message;
  }

  std::string folder_;
  settings::Settings settings_;
  const std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  std::function<std::shared_ptr<const kpi::RuleBook>()> rule_book_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace engine

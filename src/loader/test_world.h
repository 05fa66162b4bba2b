#pragma once
// A little world for tests of the loader: a real journal, state and memory of ids in a folder of
// their own, a store in memory, and a decoder of lines.

#include "base/clock.h"
#include "base/log.h"
#include "io/file_system.h"
#include "journal/writer.h"
#include "loader/state/tables.h"
#include "loader/stepper.h"
#include "loader/test_decoder.h"
#include "loader/test_store.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loader {

class LoaderWorld : public testing::Test {
 protected:
  explicit LoaderWorld(std::unique_ptr<io::FileSystem> files = io::posix_file_system())
      : files_(std::move(files)) {}
  void SetUp() override {
    folder_ = testing::TempDir() + "catchment_loader_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    options_.journal_folder = io::join(folder_, "journal");
    options_.state_folder = io::join(folder_, "state");
    clean();
    open_journal();
  }
  void TearDown() override {
    stepper_.reset();
    writer_.reset();
    clean();
  }

  void clean() const {
    for (const char* folder : {"journal", "state/dedup", "state/activity", "state"}) {
      empty(io::join(folder_, folder));
    }
  }
  void empty(const std::string& folder) const {
    auto names = files_->list(folder);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      static_cast<void>(files_->remove(io::join(folder, name)).has_value());
    }
  }

  void open_journal() {
    journal::Options options;
    options.folder = options_.journal_folder;
    options.sync = journal::SyncMode::kOff;
    options.reserve_bytes = 0;
    options.segment_bytes = segment_bytes_;
    options.position_floor = floor_;
    auto writer = journal::Writer::open(*files_, clock_, base::null_log(), options);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_ = std::move(*writer);
  }
  void open_stepper() {
    auto opened = Stepper::open(parts_, options_, hooks_);
    ASSERT_TRUE(opened) << opened.error().message;
    stepper_ = std::move(*opened);
    auto followed = stepper_->follow(writer_->durable_position());
    ASSERT_TRUE(followed) << followed.error().message;
  }

  Position write_bytes(std::string bytes) {
    std::promise<Position> done;
    writer_->append(std::move(bytes), [&](base::Result<Position> position) {
      done.set_value(position ? *position : 0);
    });
    const Position position = done.get_future().get();
    EXPECT_NE(position, 0U);
    return position;
  }
  Position write(std::string_view body, std::vector<event::Note> notes = {}) {
    event::Record record;
    record.api = event::Api::kSegmentstream;
    record.received_at = clock_.now();
    record.app_id = "shop";
    record.request_id = "r1";
    record.peer_ip = "10.0.0.1";
    record.user_agent = "test";
    record.notes = std::move(notes);
    record.body = body;
    std::string bytes;
    event::encode_record(record, bytes);
    return write_bytes(std::move(bytes));
  }

  /// Steps until there is nothing to do.
  void load() {
    if (!stepper_) {
      open_stepper();
    }
    int later = 0;
    for (int steps = 0; steps < 10'000; ++steps) {
      auto done = stepper_->step();
      if (!done && done.error().code == base::Code::kUnavailable && ++later <= kLaterMax) {
        continue;
      }
      ASSERT_TRUE(done) << done.error().message;
      if (done->records == 0) {
        return;
      }
    }
    FAIL() << "loading does not end";
  }
  /// The process dies and starts again.
  void crash() {
    stepper_.reset();
    store_.crash();
    open_stepper();
  }

  [[nodiscard]] state::Counts books() const {
    state::Counts sum;
    for (const state::BookLine& line : stepper_->state().books()) {
      sum.received += line.counts.received;
      sum.stored += line.counts.stored;
      sum.duplicate += line.counts.duplicate;
      sum.rejected += line.counts.rejected;
    }
    return sum;
  }
  /// Ids of the stored events, as stored.
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const event::Event& event : store_.events) {
      ids.push_back(event.event_id);
    }
    return ids;
  }
  /// The table of persons, one text a row.
  [[nodiscard]] std::vector<std::string> persons() const {
    std::vector<std::string> rows;
    auto scan = state::users_table(stepper_->state().path())->scan();
    EXPECT_TRUE(scan);
    while (scan) {
      auto block = (*scan)->next(100);
      EXPECT_TRUE(block);
      if (!block || block->empty()) {
        break;
      }
      for (const auto& cells : *block) {
        std::string row;
        for (const store::Cell& cell : cells) {
          row += cell.null ? "-|" : cell.text + std::to_string(cell.integer) + "|";
        }
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }

  /// A step may ask to be called again later, as often as damaged records are read again.
  static constexpr int kLaterMax = 3;

  std::unique_ptr<io::FileSystem> files_;
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  MemoryStore store_;
  std::string folder_;
  std::unique_ptr<journal::Writer> writer_;
  std::uint64_t segment_bytes_ = 1 << 20;
  Position floor_ = 0;
  Options options_;
  Hooks hooks_;
  Parts parts_{*files_,
               clock_,
               base::null_log(),
               store_,
               {{event::Api::kSegmentstream, decode_lines}},
               {},
               [this] { return writer_->durable_position(); }};
  std::unique_ptr<Stepper> stepper_;
};

}  // namespace loader

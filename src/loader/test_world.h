#pragma once
// A little world for tests of the loader: a real journal, state and memory of ids in a folder of
// their own, a store that keeps rows in memory and loses what is not sealed, and a wire format that
// is easy to write: one unit a line.
//
//     event ID NAME DEVICE     "-" for no id
//     user ID NAME USER        an event of a known user
//     profile USER KEY VALUE   a booked profile record
//     bad REASON               a rejection
//     throw                    a decoder that fails
//     poison ID                an event the store refuses

#include "base/clock.h"
#include "base/log.h"
#include "io/file_system.h"
#include "journal/writer.h"
#include "loader/state/tables.h"
#include "loader/stepper.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace loader {

/// Rows in memory. seal() keeps them over a crash.
class MemoryStore final : public store::Store {
 public:
  base::Status append(store::Batch batch) override {
    if (refusals > 0) {
      --refusals;
      return base::fail(base::Code::kUnavailable, "no memory left");
    }
    for (const event::Event& event : batch.events) {
      if (event.event_name == "poison") {
        return base::fail(base::Code::kInternal, "cannot take this row");
      }
    }
    EXPECT_GT(batch.through, visible_) << "rows were appended twice";
    std::move(batch.events.begin(), batch.events.end(), std::back_inserter(events));
    std::move(batch.items.begin(), batch.items.end(), std::back_inserter(items));
    std::move(batch.rejected.begin(), batch.rejected.end(), std::back_inserter(rejected));
    visible_ = batch.through;
    ++appends;
    return base::ok();
  }
  base::Status seal() override {
    if (fail_seal) {
      return base::fail(base::Code::kIo, "the disk is gone");
    }
    sealed_ = visible_.load();
    sealed_rows_ = {events, items, rejected};
    return base::ok();
  }
  base::Result<bool> compact() override { return false; }
  base::Status clear() override {
    visible_ = 0;
    sealed_ = 0;
    sealed_rows_ = {};
    restore();
    return base::ok();
  }
  void crash() {
    visible_ = sealed_.load();
    restore();
  }
  [[nodiscard]] Position visible_position() const override { return visible_; }
  [[nodiscard]] Position sealed_position() const override { return sealed_; }
  [[nodiscard]] store::Stats stats() const override {
    store::Stats stats;
    stats.visible = visible_;
    stats.sealed = sealed_;
    stats.hot_rows = visible_ - sealed_;
    return stats;
  }
  base::Result<store::QueryResult> query(std::string_view /*sql*/, store::ResultFormat /*format*/,
                                         const store::QueryLimits& /*limits*/) override {
    return base::fail(base::Code::kInternal, "this store answers no queries");
  }

  std::vector<event::Event> events;
  std::vector<event::ItemRow> items;
  std::vector<event::RejectedRow> rejected;
  int refusals = 0;
  int appends = 0;
  bool fail_seal = false;

 private:
  void restore() { std::tie(events, items, rejected) = sealed_rows_; }
  std::atomic<Position> visible_{0};
  std::atomic<Position> sealed_{0};
  std::tuple<std::vector<event::Event>, std::vector<event::ItemRow>,
             std::vector<event::RejectedRow>>
      sealed_rows_;
};

inline std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  words.resize(std::max<std::size_t>(words.size(), 4));
  return words;
}

inline void decode_line(std::string_view line, const event::Record& record,
                        event::Decoded& decoded) {
  const std::vector<std::string> words = words_of(line);
  if (words[0] == "throw") {
    throw std::runtime_error("cannot read this");
  }
  if (words[0] == "bad") {
    event::Rejection rejection;
    rejection.index = static_cast<std::uint32_t>(decoded.rejections.size());
    rejection.code = "bad";
    rejection.reason = words[1];
    rejection.record = line;
    decoded.rejections.push_back(rejection);
    return;
  }
  if (words[0] == "profile") {
    event::ProfileChange change;
    change.identities = {{"user", words[1]}};
    change.time_us = base::to_us(record.received_at);
    change.properties = {{words[2], event::PropertyOp::kIncrement, words[3], 1000}};
    change.booked = true;
    decoded.profiles.push_back(change);
    return;
  }
  event::Event event;
  event.event_id = words[1] == "-" ? "" : words[1];
  event.event_name = words[0] == "poison" ? "poison" : words[2];
  event.event_timestamp = base::to_us(record.received_at);
  event.person.identities = {{words[0] == "user" ? "user" : "device", words[3]}};
  event.items.resize(words[2] == "buy" ? 2 : 0);
  decoded.events.push_back(std::move(event));
}

inline event::Decoded decode_lines(const event::Record& record) {
  event::Decoded decoded;
  std::string_view text = record.body;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    decode_line(text.substr(0, end), record, decoded);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return decoded;
}

class LoaderWorld : public testing::Test {
 protected:
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
    for (const char* folder : {"journal", "state/dedup", "state"}) {
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
    options.segment_bytes = 1 << 20;
    auto writer = journal::Writer::open(*files_, clock_, base::null_log(), options);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_ = std::move(*writer);
  }
  void open_stepper() {
    auto opened = Stepper::open(parts_, options_, hooks_);
    ASSERT_TRUE(opened) << opened.error().message;
    stepper_ = std::move(*opened);
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
    for (int steps = 0; steps < 10'000; ++steps) {
      auto done = stepper_->step();
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

  std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  MemoryStore store_;
  std::string folder_;
  std::unique_ptr<journal::Writer> writer_;
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

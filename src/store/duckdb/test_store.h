#pragma once
// A store in a folder of its own, and a small language to fill and ask it. For tests of this room.

#include "base/log.h"
#include "io/file_system.h"
#include "store/duckdb/duckdb_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace store::duckdb {

/// Day 19,675 is 2023-11-14.
inline constexpr std::int64_t kDay = 19'675;
inline constexpr std::int64_t kDayUs = 86'400'000'000;

/// An event at `second` of the day, whose position is its number.
inline event::Event make_event(std::int64_t number, std::int64_t day = kDay) {
  event::Event out;
  out.app_id = "shop";
  out.api = event::Api::kClickstream;
  out.event_id = "e" + std::to_string(number);
  out.event_name = number % 2 == 0 ? "view" : "add";
  out.event_timestamp = day * kDayUs + number % 86'400 * 1'000'000;
  out.event_date = day;
  out.received_at = *out.event_timestamp + 1'000;
  out.user_pseudo_id = "u" + std::to_string(number % 7);
  out.properties = "{\"n\":" + std::to_string(number) + "}";
  out.journal_position = number;
  return out;
}

/// The real disk, except that the call number `fail_at` (from 1) that changes something fails.
class FailingFileSystem final : public io::FileSystem {
 public:
  int fail_at = 0;
  std::atomic<int> calls = 0;

  base::Result<std::unique_ptr<io::File>> open(const std::string& path,
                                               io::OpenMode mode) override {
    if (mode != io::OpenMode::kRead && fails()) {
      return failure();
    }
    return disk_->open(path, mode);
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    return fails() ? base::Status(failure()) : disk_->rename(from, to);
  }
  base::Status remove(const std::string& path) override { return disk_->remove(path); }
  base::Result<std::vector<std::string>> list(const std::string& folder) override {
    return disk_->list(folder);
  }
  base::Status create_directories(const std::string& folder) override {
    return fails() ? base::Status(failure()) : disk_->create_directories(folder);
  }
  base::Status sync_directory(const std::string& folder) override {
    return fails() ? base::Status(failure()) : disk_->sync_directory(folder);
  }
  bool exists(const std::string& path) override { return disk_->exists(path); }
  base::Result<std::uint64_t> free_bytes(const std::string& folder) override {
    return disk_->free_bytes(folder);
  }
  base::Result<std::unique_ptr<io::Lock>> lock(const std::string& path) override {
    return disk_->lock(path);
  }

 private:
  bool fails() { return ++calls == fail_at; }
  static base::Error failure() { return base::fail(base::Code::kIo, "the disk failed"); }
  std::unique_ptr<io::FileSystem> disk_ = io::posix_file_system();
};

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "store_XXXXXX").string();
    root_ = mkdtemp(name.data());
    options_.folder = root_ + "/store";
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(root_);
  }

  base::Status reopen() {
    store_.reset();
    auto opened = open(options_, files_, base::null_log());
    if (!opened) {
      return opened.error();
    }
    store_ = std::move(*opened);
    return base::ok();
  }
  void open_store() {
    const auto opened = reopen();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void append(std::vector<event::Event> events, Position through) {
    Batch batch;
    batch.events.add(std::move(events));
    batch.through = through;
    ASSERT_TRUE(store_->append(std::move(batch)));
  }
  /// Events `first` to `last`, numbered.
  void append_range(std::int64_t first, std::int64_t last, std::int64_t day = kDay) {
    std::vector<event::Event> events;
    for (std::int64_t i = first; i <= last; ++i) {
      events.push_back(make_event(i, day));
    }
    append(std::move(events), static_cast<Position>(last));
  }
  void seal() {
    const auto sealed = store_->seal();
    ASSERT_TRUE(sealed) << sealed.error().message;
  }
  /// The result as JSON on one line, or the error's message.
  std::string ask(std::string_view sql, ResultFormat format = ResultFormat::kJson) {
    auto result = store_->query(sql, format, {});
    if (!result) {
      return "error: " + result.error().message;
    }
    if (format == ResultFormat::kJson) {
      std::erase(result->text, '\n');
    }
    return result->text;
  }
  std::string count(std::string_view from = "event") {
    return ask("SELECT count(*) AS n FROM " + std::string(from));
  }
  std::size_t files_on_disk() const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.folder)) {
      found += entry.path().extension() == ".parquet" ? 1U : 0U;
    }
    return found;
  }

  std::string root_;
  Options options_;
  FailingFileSystem files_;
  std::unique_ptr<Store> store_;
};

}  // namespace store::duckdb

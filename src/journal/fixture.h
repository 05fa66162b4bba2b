#pragma once
// A little language for tests of the journal: write, read, crash, damage. The disk is in memory.

#include "io/memory_file_system.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "segment/format.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace journal {

/// Waits for answers of append() and keeps them in the order they came.
class Answers {
 public:
  Writer::Done expect(std::string record) {
    const std::lock_guard lock(mutex_);
    ++waiting_;
    return [this, record = std::move(record)](base::Result<Position> result) {
      const std::lock_guard inner(mutex_);
      if (result) {
        order_.push_back(*result);
        stored_[*result] = record;
      } else {
        errors_.push_back(result.error());
      }
      --waiting_;
      done_.notify_all();
    };
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return waiting_ == 0; });
  }
  [[nodiscard]] const std::vector<Position>& order() const { return order_; }
  [[nodiscard]] const std::map<Position, std::string>& stored() const { return stored_; }
  [[nodiscard]] const std::vector<base::Error>& errors() const { return errors_; }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t waiting_ = 0;
  std::vector<Position> order_;
  std::map<Position, std::string> stored_;
  std::vector<base::Error> errors_;
};

class JournalTest : public testing::Test {
 protected:
  using Call = io::MemoryFileSystem::Call;
  using Loss = io::MemoryFileSystem::Loss;

  JournalTest() {
    options_.folder = "journal";
    options_.segment_bytes = 4096;
    options_.group_bytes_max = 1024;
    options_.reserve_bytes = 0;
    options_.random = &random_;
  }

  void open() {
    base::Result<std::unique_ptr<Writer>> writer =
        Writer::open(files_, clock_, base::null_log(), options_);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_ = std::move(*writer);
  }
  void close() { writer_.reset(); }
  void reopen() {
    close();
    open();
  }
  /// The power goes, everything unsynced is lost as told, the program starts again.
  void crash(Loss loss, std::uint64_t seed = 0) {
    files_.power_off_at(1);
    close();
    files_.restart(loss, seed);
    open();
  }

  /// Appends and waits; 0 when the journal refused.
  Position write(const std::string& record) {
    Answers answers;
    writer_->append(record, answers.expect(record));
    answers.wait();
    refusal_ = answers.errors().empty() ? "" : answers.errors().front().message;
    return answers.order().empty() ? 0 : answers.order().front();
  }
  void write_many(std::size_t count, std::size_t bytes = 10) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string record = std::to_string(writer_->durable_position() + 1) + ":";
      record.resize(std::max(bytes, record.size()), 'x');
      ASSERT_NE(write(record), 0U) << refusal_;
    }
  }

  /// What a Reader gives from `from` to `through`: "1=a 2=b [3-4 lost]".
  std::string read(Position from, Position through) {
    base::Result<std::unique_ptr<Reader>> reader = Reader::open(files_, "journal", from);
    return drain(**reader, through);
  }
  std::string read_all() { return read(1, writer_->durable_position()); }

  static std::string drain(Reader& reader, Position through) {
    std::string out;
    for (;;) {
      const base::Result<std::optional<Entry>> entry = reader.next(through);
      out += out.empty() ? "" : " ";
      if (entry && !entry->has_value()) {
        break;
      }
      if (entry) {
        out += std::to_string((*entry)->position) + "=" + std::string((*entry)->bytes);
      } else if (reader.damage()) {
        out += "[" + std::to_string(reader.damage()->first) + "-" +
               std::to_string(reader.damage()->last) + " lost]";
      } else {
        return out + entry.error().message;
      }
    }
    if (out.ends_with(' ')) {
      out.pop_back();
    }
    return out;
  }

  static std::string path(Position first, bool compressed = false) {
    return "journal/" + segment::Name{first, compressed}.text();
  }
  /// Offset of the `index`th record (from 0) of a segment whose records have `bytes` bytes each.
  static std::uint64_t offset_of(std::size_t index, std::size_t bytes) {
    return segment::kHeaderBytes + index * (segment::kRecordHeaderBytes + bytes);
  }
  void flip(const std::string& file, std::uint64_t offset) {
    std::string bytes = files_.content(file);
    ASSERT_LT(offset, bytes.size());
    bytes[offset] = static_cast<char>(bytes[offset] ^ 0x10);
    files_.set_content(file, bytes);
  }
  void put(const std::string& file, std::uint64_t offset, std::string_view text) {
    std::string bytes = files_.content(file);
    bytes.resize(std::max<std::size_t>(bytes.size(), offset + text.size()));
    bytes.replace(offset, text.size(), text);
    files_.set_content(file, bytes);
  }
  void shrink(const std::string& file, std::uint64_t bytes) {
    files_.set_content(file, files_.content(file).substr(0, bytes));
  }

  io::MemoryFileSystem files_;
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  base::SeededRandom random_{1};
  Options options_;
  std::unique_ptr<Writer> writer_;
  std::string refusal_;
};

}  // namespace journal

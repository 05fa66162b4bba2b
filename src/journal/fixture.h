#pragma once
// A little language for tests of the journal: write, read, crash, damage. The disk is in memory.

#include "io/memory_file_system.h"
#include "journal/answers.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "segment/format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace journal {

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

  /// Appends one record, and while it is being synced `count` of ten bytes more; waits for all.
  /// Returns how many syncs there were before.
  std::uint64_t gather(Answers& answers, std::size_t count) {
    const std::uint64_t syncs = writer_->stats().syncs;
    std::promise<void> syncing;
    std::promise<void> go_on;
    bool held = false;
    files_.set_before_sync([&] {
      if (!held) {
        held = true;
        syncing.set_value();
        go_on.get_future().wait();
      }
    });
    writer_->append("0123456789", answers.expect("0123456789"));
    syncing.get_future().wait();
    for (std::size_t i = 0; i < count; ++i) {
      writer_->append("0123456789", answers.expect("0123456789"));
    }
    go_on.set_value();
    answers.wait();
    files_.set_before_sync({});
    return syncs;
  }
  /// A new disk.
  void forget_everything() {
    close();
    const std::vector<std::string> names = *files_.list("journal");
    for (const std::string& name : names) {
      ASSERT_TRUE(files_.remove("journal/" + name));
    }
    ASSERT_TRUE(files_.sync_directory("journal"));
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

  /// How drain() shows what write_many() wrote.
  static std::string expected(Position first, Position last, std::size_t bytes) {
    std::string out;
    for (Position position = first; position <= last; ++position) {
      std::string record = std::to_string(position) + ":";
      record.resize(std::max(bytes, record.size()), 'x');
      out += (out.empty() ? "" : " ") + std::to_string(position) + "=" + record;
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

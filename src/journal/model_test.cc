#include "io/memory_content.h"
#include "io/memory_file_system.h"
#include "journal/answers.h"
#include "journal/keeper.h"
#include "journal/reader.h"
#include "journal/verify.h"
#include "journal/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace journal {
namespace {

using Call = io::MemoryFileSystem::Call;
using Loss = io::MemoryFileSystem::Loss;

/// Random actions on a real journal over a disk that fails and loses power, beside a map that says
/// what must be there. Held after every restart: each answered record reads back as it was, at its
/// position, unless it was retired; no record reads back that was never appended; what was seen
/// once stays.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    options_.folder = "journal";
    options_.segment_bytes = 2000;
    options_.group_bytes_max = 500;
    options_.reserve_bytes = 0;
    options_.random = &random_;
  }

  void run(int steps) {
    start();
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      act();
      clock_.advance(std::chrono::seconds(1));
      if (draw(6) == 0) {
        restart();
      }
    }
    writer_.reset();
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return io::MemoryContent::draw(random_, below); }

  void start() {
    for (int tries = 0; writer_ == nullptr; ++tries) {
      ASSERT_LT(tries, 20);
      base::Result<std::unique_ptr<Writer>> opened =
          Writer::open(files_, clock_, base::null_log(), options_);
      if (opened && files_.has_power()) {
        writer_ = std::move(*opened);
        continue;
      }
      opened = base::fail(base::Code::kIo, "the power went while it started");
      files_.restart(loss(), draw(1000));
    }
    check();
  }

  Loss loss() { return std::array{Loss::kAll, Loss::kRandom, Loss::kNone}.at(draw(3)); }

  void restart() {
    if (draw(3) == 0) {
      files_.power_off_at(1 + draw(3));
    }
    writer_.reset();
    files_.restart(loss(), draw(1000));
    if (draw(3) == 0) {
      files_.power_off_at(1 + draw(6));
    }
    start();
  }

  void act() {
    switch (draw(8)) {
      case 0: files_.fail(Call::kSync, EIO, 1 + draw(3)); break;
      case 1: files_.fail(Call::kWrite, draw(2) == 0 ? ENOSPC : EIO, 1 + draw(3)); break;
      case 2: files_.fail(Call::kAllocate, ENOSPC); break;
      case 3: files_.power_off_at(1 + draw(8)); break;
      case 4: static_cast<void>(compress_one(files_, "journal")); break;
      case 5: retire(); break;
      case 6: writer_->fill_spare(); break;
      default: break;
    }
    append(1 + draw(12));
  }

  void append(std::uint64_t count) {
    Answers answers;
    std::vector<std::string> batch;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string record = "#" + std::to_string(++appended_);
      record.resize(record.size() + draw(300), static_cast<char>('a' + appended_ % 26));
      submitted_.insert(record);
      batch.push_back(record);
    }
    for (const std::string& record : batch) {
      writer_->append(record, answers.expect(record));
    }
    answers.wait();
    for (const auto& [position, record] : answers.stored()) {
      ASSERT_TRUE(known_.emplace(position, record).second) << position << " was given twice";
    }
  }

  void retire() {
    const Position through = known_.empty() ? 0 : draw(known_.rbegin()->first + 1);
    static_cast<void>(expire(files_, clock_, "journal", {.bytes_max = 6000}, through));
    sealed_ = std::max(sealed_, through);
  }

  /// Reads everything and compares.
  void check() {
    const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
    std::map<Position, std::string> found;
    for (;;) {
      const auto entry = reader->next(writer_->durable_position());
      if (entry && !entry->has_value()) {
        break;
      }
      if (!entry) {
        ASSERT_TRUE(reader->damage()) << entry.error().message;
        for (Position lost = reader->damage()->first; lost <= reader->damage()->last; ++lost) {
          ASSERT_FALSE(known_.contains(lost)) << lost << ": " << reader->damage()->reason;
        }
        continue;
      }
      found.emplace((*entry)->position, (*entry)->bytes);
    }
    for (const auto& [position, record] : known_) {
      const auto at = found.find(position);
      if (at == found.end()) {
        ASSERT_LE(position, sealed_) << "answered and gone";
        ASSERT_TRUE(found.empty() || position < found.begin()->first);
      } else {
        ASSERT_EQ(at->second, record) << position;
      }
    }
    for (const auto& [position, record] : found) {
      ASSERT_TRUE(submitted_.contains(record)) << "invented at " << position << ": " << record;
    }
    known_.insert(found.begin(), found.end());
    const base::Result<Verdict> verdict = verify(files_, "journal", {});
    ASSERT_TRUE(verdict);
    ASSERT_EQ(verdict->records, found.size());
  }

  base::SeededRandom random_;
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  io::MemoryFileSystem files_;
  Options options_;
  std::unique_ptr<Writer> writer_;
  std::uint64_t appended_ = 0;
  Position sealed_ = 0;
  std::set<std::string> submitted_;
  std::map<Position, std::string> known_;  ///< Answered, or seen by a Reader after a restart.
};

TEST(JournalModel, AnsweredRecordsSurviveAnySequenceOfFaults) {
  const char* runs = std::getenv("CATCHMENT_MODEL_RUNS");
  const char* first = std::getenv("CATCHMENT_MODEL_SEED");
  const std::uint64_t count = runs != nullptr ? std::strtoull(runs, nullptr, 10) : 20;
  const std::uint64_t start = first != nullptr ? std::strtoull(first, nullptr, 10) : 1;
  for (std::uint64_t seed = start; seed < start + count; ++seed) {
    SCOPED_TRACE("CATCHMENT_MODEL_SEED=" + std::to_string(seed));
    Model(seed).run(60);
    if (HasFailure()) {
      break;
    }
  }
}

}  // namespace
}  // namespace journal

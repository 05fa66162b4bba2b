// The journal on the real disk, written by a process that is killed.

#include "base/clock.h"
#include "base/log.h"
#include "io/file_system.h"
#include "journal/keeper.h"
#include "journal/reader.h"
#include "journal/verify.h"
#include "journal/writer.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace journal {
namespace {

class KilledJournal : public testing::Test {
 protected:
  KilledJournal() {
    std::string pattern = testing::TempDir() + "catchment_journal_XXXXXX";
    options_.folder = ::mkdtemp(pattern.data());
    options_.segment_bytes = 64 << 10U;
    options_.queue_bytes_max = 256 << 10U;
    options_.reserve_bytes = 0;
    options_.prepare_segments = true;
  }
  ~KilledJournal() override {
    const base::Result<std::vector<std::string>> names = files_->list(options_.folder);
    if (names) {
      for (const std::string& name : *names) {
        static_cast<void>(files_->remove(io::join(options_.folder, name)));
      }
    }
    ::rmdir(options_.folder.c_str());
  }

  /// Appends for ever and tells every answer through `answers`; never returns.
  [[noreturn]] void write_until_killed(int answers) {
    base::Result<std::unique_ptr<Writer>> writer =
        Writer::open(*files_, clock_, base::null_log(), options_);
    for (std::uint64_t i = 0; writer; ++i) {
      std::string record = "record " + std::to_string(i) + std::string(i % 900, '.');
      (*writer)->append(std::move(record), [answers](const base::Result<Position>& result) {
        // A full queue is answered too; on a slow disk that happens all the time.
        if (result && ::write(answers, &*result, sizeof(Position)) != sizeof(Position)) {
          ::_exit(1);
        }
      });
      if (i % 50 == 49) {
        static_cast<void>(compress_one(*files_, options_.folder));
      }
    }
    ::_exit(1);
  }

  /// Runs a writer, kills it after `count` answers; the highest position it answered.
  Position run_and_kill(int count) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(ends[1]);
    }
    ::close(ends[1]);
    Position last = 0;
    Position next = 0;
    for (int i = 0; i < count && ::read(ends[0], &next, sizeof next) == sizeof next; ++i) {
      last = next;
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &next, sizeof next) == sizeof next) {
      last = next;
    }
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return last;
  }

  const std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  const base::SystemClock clock_;
  Options options_;
};

TEST_F(KilledJournal, HoldsEveryAnsweredRecord) {
  Position before = 0;
  for (const int count : {1, 40, 300}) {
    const Position answered = run_and_kill(count);
    ASSERT_GE(answered, before + static_cast<Position>(count));
    const base::Result<Verdict> verdict = verify(*files_, options_.folder, {});
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_TRUE(verdict->good()) << (verdict->damages.empty() ? "" : verdict->damages[0].reason)
                                 << (verdict->notes.empty() ? "" : verdict->notes[0]);
    EXPECT_GE(verdict->last, answered);
    EXPECT_EQ(verdict->records, verdict->last);
    before = verdict->last;
  }
  const base::Result<std::unique_ptr<Writer>> writer =
      Writer::open(*files_, clock_, base::null_log(), options_);
  ASSERT_TRUE(writer);
  EXPECT_TRUE((*writer)->recovery().damages.empty());
  EXPECT_EQ((*writer)->recovery().last, before);
}

}  // namespace
}  // namespace journal

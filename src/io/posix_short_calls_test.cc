// What the kernel may do to any read or write: interrupt it, do a part of it, or fail later. The
// calls below take the place of the C library's in this test program.

#include "io/file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fcntl.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

/// What the next calls do: transfer at most so many bytes; 0: they are interrupted. Calls behind
/// the end are left alone.
std::deque<std::size_t>& script() {
  static std::deque<std::size_t> calls;
  return calls;
}

/// How many bytes this call may transfer; 0: none, it is interrupted.
std::size_t allowed(std::size_t bytes) {
  if (script().empty()) {
    return bytes;
  }
  const std::size_t most = script().front();
  script().pop_front();
  return std::min(bytes, most);
}

/// Offset and length of each piece handed to the disk.
std::vector<std::pair<std::int64_t, std::int64_t>>& pieces() {
  static std::vector<std::pair<std::int64_t, std::int64_t>> calls;
  return calls;
}

/// How it fails.
int& failure() {
  static int os_error = EIO;
  return os_error;
}

/// Which of them fails, from 1.
std::size_t& failing_piece() {
  static std::size_t number = 0;
  return number;
}

}  // namespace

extern "C" ssize_t pwrite(int file, const void* from, size_t bytes, off_t offset) {
  const std::size_t part = allowed(bytes);
  if (part == 0 && bytes > 0) {
    errno = EINTR;
    return -1;
  }
  return ::syscall(SYS_pwrite64, file, from, part, offset);
}

extern "C" ssize_t pread(int file, void* to, size_t bytes, off_t offset) {
  const std::size_t part = allowed(bytes);
  if (part == 0 && bytes > 0) {
    errno = EINTR;
    return -1;
  }
  return ::syscall(SYS_pread64, file, to, part, offset);
}

extern "C" int sync_file_range(int file, off64_t from, off64_t bytes, unsigned flags) {
  pieces().push_back({from, bytes});
  if (pieces().size() == failing_piece()) {
    errno = failure();
    return -1;
  }
  return static_cast<int>(::syscall(SYS_sync_file_range, file, from, bytes, flags));
}

namespace io {
namespace {

class PosixShortCalls : public testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(files_->remove(path_).has_value());
    auto opened = files_->open(path_, OpenMode::kCreate);
    ASSERT_TRUE(opened) << opened.error().message;
    file_ = std::move(*opened);
  }
  void TearDown() override {
    script().clear();
    pieces().clear();
    failing_piece() = 0;
    failure() = EIO;
    static_cast<void>(files_->remove(path_).has_value());
  }

  std::unique_ptr<FileSystem> files_ = posix_file_system();
  const std::string path_ = testing::TempDir() + "catchment_short_calls";
  std::unique_ptr<File> file_;
};

TEST_F(PosixShortCalls, InterruptedAndShortWritesAreContinued) {
  script() = {0, 3, 0, 0, 1, 4};
  ASSERT_TRUE(file_->write_at(2, "0123456789"));
  EXPECT_TRUE(script().empty()) << "the calls were made";
  EXPECT_EQ(*read_file(*files_, path_, 100), std::string(2, '\0') + "0123456789");
}

TEST_F(PosixShortCalls, InterruptedAndShortReadsAreContinued) {
  ASSERT_TRUE(file_->write_at(0, "0123456789"));
  script() = {0, 4, 0, 2, 1};
  std::array<char, 20> out{};
  const auto got = file_->read_at(1, out);
  ASSERT_TRUE(got);
  EXPECT_EQ(std::string(out.data(), *got), "123456789");
  EXPECT_TRUE(script().empty());
}

TEST_F(PosixShortCalls, RangeIsWrittenOutPieceByPieceWithoutAGap) {
  ASSERT_TRUE(file_->write_at(0, std::string(600 << 10, 'x')));
  file_->write_out(1000, 600 << 10);
  ASSERT_EQ(pieces().size(), 3U);
  std::int64_t end = 1000;
  for (const auto& [from, bytes] : pieces()) {
    EXPECT_EQ(from, end);
    EXPECT_LE(bytes, 256 << 10);
    end += bytes;
  }
  EXPECT_EQ(end, 600 << 10);
  EXPECT_TRUE(file_->sync_data());
}

TEST_F(PosixShortCalls, WriteThatFailedWhileWritingOutFailsEverySyncOfTheFile) {
  ASSERT_TRUE(file_->write_at(0, std::string(600 << 10, 'x')));
  failing_piece() = 2;
  file_->write_out(0, 600 << 10);
  EXPECT_EQ(pieces().size(), 2U) << "the rest is not tried";
  EXPECT_FALSE(file_->sync_data());
  file_->write_out(0, 600 << 10);
  EXPECT_FALSE(file_->sync_data()) << "what the kernel told once stays true";
}

TEST_F(PosixShortCalls, ErrorThatOnlyANetworkFileSystemKnowsFailsTheSyncAsWell) {
  ASSERT_TRUE(file_->write_at(0, "0123456789"));
  failing_piece() = 1;
  failure() = ESTALE;
  file_->write_out(0, 10);
  EXPECT_FALSE(file_->sync_data());
}

TEST_F(PosixShortCalls, SystemWithoutWritingOutSyncsAllTheSame) {
  ASSERT_TRUE(file_->write_at(0, "0123456789"));
  failing_piece() = 1;
  failure() = ENOSYS;
  file_->write_out(0, 10);
  EXPECT_TRUE(file_->sync_data());
}

}  // namespace
}  // namespace io

#include "io/memory_file_system.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace io {
namespace {

using Call = MemoryFileSystem::Call;
using Loss = MemoryFileSystem::Loss;

std::unique_ptr<File> create(MemoryFileSystem& files, const std::string& path) {
  EXPECT_TRUE(files.create_directories("d"));
  base::Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreate);
  EXPECT_TRUE(file);
  return std::move(*file);
}

TEST(MemoryFileSystem, PowerCutDropsWhatWasNotSynced) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  ASSERT_TRUE(file->write_at(0, "kept"));
  ASSERT_TRUE(file->sync_data());
  ASSERT_TRUE(files.sync_directory("d"));
  ASSERT_TRUE(file->write_at(4, "lost"));
  EXPECT_EQ(files.content("d/a"), "keptlost");
  files.restart(Loss::kAll);
  EXPECT_EQ(files.content("d/a"), "kept");
  EXPECT_FALSE(file->write_at(0, "x")) << "a file opened before the power cut is dead";
}

TEST(MemoryFileSystem, FileIsGoneWhenItsFolderWasNotSynced) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  ASSERT_TRUE(file->write_at(0, "x"));
  ASSERT_TRUE(file->sync_data());
  files.restart(Loss::kAll);
  EXPECT_FALSE(files.exists("d/a"));
}

TEST(MemoryFileSystem, UnsyncedRenameIsUndoneWhole) {
  MemoryFileSystem files;
  files.set_content("d/a", "old");
  files.set_content("d/b", "new");
  ASSERT_TRUE(files.rename("d/b", "d/a"));
  EXPECT_EQ(files.content("d/a"), "new");
  files.restart(Loss::kAll);
  EXPECT_EQ(files.content("d/a"), "old");
  EXPECT_EQ(files.content("d/b"), "new");
}

TEST(MemoryFileSystem, DyingProcessLosesNothing) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  ASSERT_TRUE(file->write_at(0, "x"));
  files.restart(Loss::kNone);
  EXPECT_EQ(files.content("d/a"), "x");
}

TEST(MemoryFileSystem, RandomLossTearsWritesBySector) {
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryFileSystem files;
    const auto file = create(files, "d/a");
    ASSERT_TRUE(file->allocate(4096));
    ASSERT_TRUE(file->sync_data());
    ASSERT_TRUE(files.sync_directory("d"));
    ASSERT_TRUE(file->write_at(100, std::string(2000, 'x')));
    files.restart(Loss::kRandom, seed);
    const std::string left = files.content("d/a");
    EXPECT_EQ(left.find_first_not_of(std::string_view("\0x", 2)), std::string::npos);
    const std::size_t first = left.find('x');
    torn = torn || (first != std::string::npos && left.find('\0', first) < 2100);
  }
  EXPECT_TRUE(torn);
}

TEST(MemoryFileSystem, BytesOfAFailedSyncNeverReachTheDiskByALaterOne) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  ASSERT_TRUE(files.sync_directory("d"));
  ASSERT_TRUE(file->write_at(0, "x"));
  files.fail(Call::kSync, EIO);
  EXPECT_EQ(file->sync_data().error().code, base::Code::kIo);
  EXPECT_TRUE(file->sync_data());
  EXPECT_EQ(files.content("d/a"), "x");
  files.restart(Loss::kAll);
  EXPECT_EQ(files.content("d/a"), "");
}

TEST(MemoryFileSystem, FullDiskTakesWhatFits) {
  MemoryFileSystem files(10);
  const auto file = create(files, "d/a");
  ASSERT_TRUE(file->write_at(0, "12345678"));
  EXPECT_EQ(*files.free_bytes("d"), 2U);
  const base::Status wrote = file->write_at(8, "9abc");
  ASSERT_FALSE(wrote);
  EXPECT_EQ(wrote.error().code, base::Code::kUnavailable);
  EXPECT_EQ(files.content("d/a"), "123456789a");
  EXPECT_EQ(file->allocate(11).error().code, base::Code::kUnavailable);
  files.set_capacity(20);
  EXPECT_TRUE(file->allocate(11));
}

TEST(MemoryFileSystem, FaultsComeWhenAskedFor) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  files.fail(Call::kWrite, EIO, 2);
  EXPECT_TRUE(file->write_at(0, "ab"));
  EXPECT_FALSE(file->write_at(2, "cd"));
  EXPECT_EQ(files.content("d/a"), "abc") << "half of a failing write arrives";
  EXPECT_TRUE(file->write_at(2, "cd"));
  EXPECT_EQ(files.calls(Call::kWrite), 3U);
}

TEST(MemoryFileSystem, NothingWorksAfterThePowerWent) {
  MemoryFileSystem files;
  const auto file = create(files, "d/a");
  ASSERT_TRUE(files.sync_directory("d"));
  files.power_off_at(2);
  EXPECT_TRUE(file->write_at(0, "a"));
  EXPECT_FALSE(file->sync_data());
  EXPECT_FALSE(file->sync_data());
  EXPECT_FALSE(files.open("d/a", OpenMode::kRead));
  files.restart(Loss::kAll);
  EXPECT_TRUE(files.open("d/a", OpenMode::kRead));
  EXPECT_EQ(files.content("d/a"), "");
}

TEST(MemoryFileSystem, LockOfADeadProcessIsFree) {
  MemoryFileSystem files;
  const auto held = files.lock("d/LOCK");
  ASSERT_TRUE(held);
  EXPECT_EQ(files.lock("d/LOCK").error().code, base::Code::kUnavailable);
  files.restart(Loss::kNone);
  EXPECT_TRUE(files.lock("d/LOCK"));
}

}  // namespace
}  // namespace io

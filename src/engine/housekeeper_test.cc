#include "engine/housekeeper.h"

#include "base/log.h"
#include "io/file_system.h"
#include "segment/format.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace engine {
namespace {

/// A disk with as much free as the test says.
class Disk final : public io::FileSystem {
 public:
  std::uint64_t free = std::uint64_t{100} << 30U;

  base::Result<std::unique_ptr<io::File>> open(const std::string& path,
                                               io::OpenMode mode) override {
    return real_->open(path, mode);
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    return real_->rename(from, to);
  }
  base::Status remove(const std::string& path) override { return real_->remove(path); }
  base::Result<std::vector<std::string>> list(const std::string& folder) override {
    return real_->list(folder);
  }
  base::Status create_directories(const std::string& folder) override {
    return real_->create_directories(folder);
  }
  base::Status sync_directory(const std::string& folder) override {
    return real_->sync_directory(folder);
  }
  bool exists(const std::string& path) override { return real_->exists(path); }
  base::Result<std::uint64_t> free_bytes(const std::string& /*folder*/) override { return free; }
  base::Result<std::unique_ptr<io::Lock>> lock(const std::string& path) override {
    return real_->lock(path);
  }

 private:
  std::unique_ptr<io::FileSystem> real_ = io::posix_file_system();
};

class HousekeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "housekeeper_XXXXXX").string();
    options_.journal_folder = mkdtemp(name.data());
    options_.behind = [this] { return behind_; };
  }
  void TearDown() override { std::filesystem::remove_all(options_.journal_folder); }

  void make_segments(event::Position first, event::Position last, bool compressed) {
    for (event::Position position = first; position <= last; ++position) {
      const std::string name = segment::Name{position, compressed}.text();
      const std::ofstream file(options_.journal_folder + "/" + name);
      ASSERT_TRUE(file.good());
    }
  }

  Disk disk_;
  HousekeeperOptions options_;
  bool behind_ = true;
};

TEST_F(HousekeeperTest, CompressingWaitsWhileLoadingIsBehind) {
  make_segments(1, 30, true);
  make_segments(31, 35, false);
  EXPECT_TRUE(may_put_off(disk_, options_));
  behind_ = false;
  EXPECT_FALSE(may_put_off(disk_, options_));
}

TEST_F(HousekeeperTest, CompressingWaitsUntilEightSegmentsAreFull) {
  make_segments(1, 8, false);  // seven, and the one that is written
  EXPECT_TRUE(may_put_off(disk_, options_));
  make_segments(9, 9, false);
  EXPECT_FALSE(may_put_off(disk_, options_));
}

TEST_F(HousekeeperTest, CompressingDoesNotWaitWhereTheDiskPresses) {
  make_segments(1, 3, false);
  options_.free_bytes_min = std::uint64_t{2} << 30U;
  disk_.free = std::uint64_t{1} << 30U;
  EXPECT_FALSE(may_put_off(disk_, options_));
  disk_.free = std::uint64_t{100} << 30U;
  EXPECT_TRUE(may_put_off(disk_, options_));
  options_.retention.bytes_max = std::uint64_t{10} << 30U;
  EXPECT_FALSE(may_put_off(disk_, options_));
}

}  // namespace
}  // namespace engine

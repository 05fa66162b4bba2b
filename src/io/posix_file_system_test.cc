#include "io/file_system.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace io {
namespace {

class PosixFileSystem : public testing::Test {
 protected:
  PosixFileSystem() {
    std::string pattern = testing::TempDir() + "catchment_io_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PosixFileSystem() override { remove_tree(folder_); }

  void remove_tree(const std::string& folder) {
    const base::Result<std::vector<std::string>> names = files_->list(folder);
    if (!names) {
      return;
    }
    for (const std::string& name : *names) {
      if (!files_->remove(join(folder, name))) {
        remove_tree(join(folder, name));
      }
    }
    ::rmdir(folder.c_str());
  }

  [[nodiscard]] std::string path(std::string_view name) const { return join(folder_, name); }

  std::unique_ptr<FileSystem> files_ = posix_file_system();
  std::string folder_;
};

TEST_F(PosixFileSystem, ReadsBackWhatWasWrittenAtAnOffset) {
  const auto file = files_->open(path("a"), OpenMode::kCreate);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE((*file)->write_at(3, "xyz"));
  ASSERT_TRUE((*file)->sync_data());
  std::string out(10, '?');
  const auto read = (*file)->read_at(1, out);
  ASSERT_TRUE(read);
  EXPECT_EQ(out.substr(0, *read), std::string_view("\0\0xyz", 5));
  EXPECT_EQ(*(*file)->read_at(100, out), 0U);
  EXPECT_EQ(*(*file)->size(), 6U);
}

TEST_F(PosixFileSystem, NewFilesBelongToTheOwnerAlone) {
  ASSERT_TRUE(files_->open(path("a"), OpenMode::kCreate));
  struct stat status{};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(PosixFileSystem, OpenSaysWhetherTheFileIsThere) {
  const auto missing = files_->open(path("a"), OpenMode::kReadWrite);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kNotFound);
  EXPECT_NE(missing.error().message.find(path("a")), std::string::npos);
  ASSERT_TRUE(files_->open(path("a"), OpenMode::kCreate));
  const auto twice = files_->open(path("a"), OpenMode::kCreate);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, base::Code::kExists);
}

TEST_F(PosixFileSystem, AllocatedSpaceReadsAsZerosAndTruncateGivesItBack) {
  const auto file = files_->open(path("a"), OpenMode::kCreate);
  ASSERT_TRUE((*file)->write_at(0, "abc"));
  ASSERT_TRUE((*file)->allocate(4096));
  EXPECT_EQ(*(*file)->size(), 4096U);
  std::string out(4, '?');
  ASSERT_TRUE((*file)->read_at(2, out));
  EXPECT_EQ(out, std::string_view("c\0\0\0", 4));
  ASSERT_TRUE((*file)->truncate(2));
  EXPECT_EQ(*(*file)->size(), 2U);
}

TEST_F(PosixFileSystem, WritingToAFileOpenedForReadingNamesTheFile) {
  ASSERT_TRUE(files_->open(path("a"), OpenMode::kCreate));
  const auto file = files_->open(path("a"), OpenMode::kRead);
  const base::Status wrote = (*file)->write_at(0, "x");
  ASSERT_FALSE(wrote);
  EXPECT_EQ(wrote.error().code, base::Code::kIo);
  EXPECT_NE(wrote.error().message.find("'" + path("a") + "'"), std::string::npos);
}

TEST_F(PosixFileSystem, ListsNamesInOrderAndRenameReplaces) {
  ASSERT_TRUE(files_->create_directories(path("d/e")));
  ASSERT_TRUE(files_->create_directories(path("d/e")));
  ASSERT_TRUE(replace_file(*files_, path("d/b"), "old"));
  ASSERT_TRUE(replace_file(*files_, path("d/a"), "new"));
  EXPECT_EQ(*files_->list(path("d")), (std::vector<std::string>{"a", "b", "e"}));
  ASSERT_TRUE(files_->rename(path("d/a"), path("d/b")));
  ASSERT_TRUE(files_->sync_directory(path("d")));
  EXPECT_EQ(*read_file(*files_, path("d/b"), 10), "new");
  EXPECT_FALSE(files_->exists(path("d/a")));
  ASSERT_TRUE(files_->remove(path("d/b")));
  EXPECT_EQ(files_->remove(path("d/b")).error().code, base::Code::kNotFound);
}

TEST_F(PosixFileSystem, ReadFileRefusesWhatIsTooLarge) {
  ASSERT_TRUE(replace_file(*files_, path("a"), "12345"));
  EXPECT_EQ(*read_file(*files_, path("a"), 5), "12345");
  EXPECT_EQ(read_file(*files_, path("a"), 4).error().code, base::Code::kTooLarge);
}

TEST_F(PosixFileSystem, FolderThatIsAFileIsRefused) {
  ASSERT_TRUE(replace_file(*files_, path("a"), ""));
  EXPECT_FALSE(files_->create_directories(path("a/b")));
}

TEST_F(PosixFileSystem, LockIsHeldUntilItIsDestroyed) {
  auto first = files_->lock(path("LOCK"));
  ASSERT_TRUE(first);
  const auto second = files_->lock(path("LOCK"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::kUnavailable);
  first->reset();
  EXPECT_TRUE(files_->lock(path("LOCK")));
}

TEST_F(PosixFileSystem, FreeBytesOfAFolderIsKnown) {
  EXPECT_GT(*files_->free_bytes(folder_), 0U);
  EXPECT_FALSE(files_->free_bytes(path("nowhere")));
}

TEST(Join, HasExactlyOneSlash) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("a//", "/b"), "a/b");
  EXPECT_EQ(join("/", "b"), "/b");
}

}  // namespace
}  // namespace io

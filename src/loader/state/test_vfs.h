#pragma once
// Puts SQLite's files on any io::FileSystem, so that a test can crash the state database as it
// crashes everything else: while a TestVfs lives it is SQLite's default file system. It makes the
// calls that SQLite's own layer for Unix makes (the folder is synced with the first sync of a new
// log or journal), holds locks among the connections of this process, and keeps the index of the
// write-ahead log in memory, where it is lost with the last connection. Owner: the test.

#include "io/file_system.h"

#include <memory>

namespace loader::state {

/// Threads: one, with every database that is opened while it lives.
class TestVfs {
 public:
  /// Lifetime: `files` outlives it, and it outlives the databases.
  explicit TestVfs(io::FileSystem& files);
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;
  ~TestVfs();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace loader::state

#pragma once
// Looks after the journal's folder while the server runs: compresses full segments, removes those
// the retention settings name once their rows are sealed, and counts what there is, so that nobody
// who answers a request has to look.

#include "base/clock.h"
#include "base/log.h"
#include "io/file_system.h"
#include "journal/keeper.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace engine {

struct HousekeeperOptions {
  std::string journal_folder;
  bool compress = true;
  journal::Retention retention;
  /// Up to where rows are in files.
  std::function<event::Position()> sealed_position;
  /// Loading is behind: what can wait should.
  std::function<bool()> behind = [] { return false; };
  /// A disk with less free has no room for what waits.
  std::uint64_t free_bytes_min = 0;
  /// Counts segments and free disk: journal::Writer::survey.
  std::function<void()> survey;
};

/// Whether compressing can wait: loading is behind, and neither full segments nor the limits of the
/// disk press.
bool may_put_off(io::FileSystem& files, const HousekeeperOptions& options);

/// Owns one thread, of low priority: what the edge and the loader need comes first.
class Housekeeper {
 public:
  Housekeeper(io::FileSystem& files, const base::Clock& clock, base::Log& log,
              HousekeeperOptions options);
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;
  ~Housekeeper();

 private:
  void run();
  void expire_once();
  /// False when there was nothing to compress.
  bool compress_once();
  void pause(std::unique_lock<std::mutex>& lock, bool put_off);
  io::FileSystem& files_;
  const base::Clock& clock_;
  base::Log& log_;
  const HousekeeperOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace engine

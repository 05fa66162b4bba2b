#include "engine/housekeeper.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"
#include "segment/source.h"

#include <algorithm>
#include <chrono>

namespace engine {
namespace {

constexpr std::chrono::seconds kSurveyPause{1};
constexpr int kSurveysAPause = 5;
constexpr int kLowPriority = 15;
/// From so many full segments on they are compressed although loading is behind.
constexpr std::ptrdiff_t kFullSegmentsMax = 8;
/// Between looks whether loading is still behind.
constexpr std::chrono::milliseconds kPutOffPause{200};

}  // namespace

bool may_put_off(io::FileSystem& files, const HousekeeperOptions& options) {
  // With a limit of size, segments that are not compressed would push others out.
  if (options.retention.bytes_max != 0 || !options.behind()) {
    return false;
  }
  const base::Result<std::uint64_t> free = files.free_bytes(options.journal_folder);
  const base::Result<std::vector<segment::Name>> names =
      segment::list_names(files, options.journal_folder);
  if (!free || !names || *free < options.free_bytes_min) {
    return false;
  }
  // One more is the segment that is written.
  return std::ranges::count(*names, false, &segment::Name::compressed) <= kFullSegmentsMax;
}

Housekeeper::Housekeeper(io::FileSystem& files, const base::Clock& clock, base::Log& log,
                         HousekeeperOptions options)
    : files_(files), clock_(clock), log_(log), options_(std::move(options)) {
  thread_ = std::thread([this] { run(); });
}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Housekeeper::run() {
  base::name_this_thread("housekeeper");
  base::lower_thread_priority(kLowPriority);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    expire_once();
    const bool put_off = options_.compress && may_put_off(files_, options_);
    const bool more = options_.compress && !put_off && compress_once();
    options_.survey();
    lock.lock();
    if (!more) {
      pause(lock, put_off);
    }
  }
}

/// After what was put off it ends as soon as that can be done, and within a second.
void Housekeeper::pause(std::unique_lock<std::mutex>& lock, bool put_off) {
  for (int i = 0; i < kSurveysAPause && !stopping_; ++i) {
    changed_.wait_for(lock, put_off ? kPutOffPause : kSurveyPause, [this] { return stopping_; });
    lock.unlock();
    const bool over = put_off && !may_put_off(files_, options_);
    if (!put_off) {
      options_.survey();
    }
    lock.lock();
    if (over) {
      return;
    }
  }
}

void Housekeeper::expire_once() {
  const base::Result<std::uint64_t> expired = journal::expire(
      files_, clock_, options_.journal_folder, options_.retention, options_.sealed_position());
  if (!expired) {
    log_.warning("old journal segments not removed", {{"why", expired.error().message}});
  } else if (*expired != 0) {
    log_.info("old journal segments removed", {{"segments", static_cast<std::int64_t>(*expired)}});
  }
}

bool Housekeeper::compress_once() {
  // What presses while loading is behind takes a quarter of the time from it, for larger files.
  const auto effort = options_.behind() ? codec::Effort::kQuick : codec::Effort::kSmall;
  const base::Result<bool> compressed =
      journal::compress_one(files_, options_.journal_folder, effort);
  if (!compressed) {
    log_.warning("a journal segment was not compressed", {{"why", compressed.error().message}});
    return false;
  }
  return *compressed;
}

}  // namespace engine

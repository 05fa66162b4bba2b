#include "engine/housekeeper.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"

#include <chrono>

namespace engine {
namespace {

constexpr std::chrono::seconds kSurveyPause{1};
constexpr int kSurveysAPause = 5;
constexpr int kLowPriority = 15;

}  // namespace

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
    const bool more = work_once();
    options_.survey();
    lock.lock();
    for (int surveys = 0; !more && surveys < kSurveysAPause && !stopping_; ++surveys) {
      changed_.wait_for(lock, kSurveyPause, [this] { return stopping_; });
      lock.unlock();
      options_.survey();
      lock.lock();
    }
  }
}

bool Housekeeper::work_once() {
  const base::Result<std::uint64_t> expired = journal::expire(
      files_, clock_, options_.journal_folder, options_.retention, options_.sealed_position());
  if (!expired) {
    log_.warning("old journal segments not removed", {{"why", expired.error().message}});
  } else if (*expired != 0) {
    log_.info("old journal segments removed", {{"segments", static_cast<std::int64_t>(*expired)}});
  }
  if (!options_.compress) {
    return false;
  }
  const base::Result<bool> compressed = journal::compress_one(files_, options_.journal_folder);
  if (!compressed) {
    log_.warning("a journal segment was not compressed", {{"why", compressed.error().message}});
    return false;
  }
  return *compressed;
}

}  // namespace engine

#include "journal/spare.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"

#include <algorithm>
#include <utility>

namespace journal {
namespace {

constexpr int kLowPriority = 10;

}  // namespace

Spare::Spare(io::FileSystem& files, base::Log& log, Plan plan)
    : files_(files), log_(log), plan_(std::move(plan)), path_(io::join(plan_.folder, kSpareName)) {}

Spare::~Spare() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
  give_back();
}

void Spare::start() {
  thread_ = std::thread([this] { run(); });
}

void Spare::run() {
  base::name_this_thread("spare");
  base::lower_thread_priority(kLowPriority);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || due_locked(); });
    if (stopping_) {
      return;
    }
    lock.unlock();
    fill();
    lock.lock();
  }
}

void Spare::begin(std::uint64_t active_bytes) {
  const std::lock_guard lock(mutex_);
  active_bytes_ = active_bytes;
  gave_up_ = false;
}

void Spare::follow(std::uint64_t active_bytes) {
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t grown = active_bytes - active_bytes_;
    active_bytes_ = active_bytes;
    const bool early = filled_ == 0 && active_bytes < plan_.bytes / 4;
    if (gave_up_ || early || whole_ != nullptr) {
      return;
    }
    due_ += 2 * grown;
    if (!due_locked()) {
      return;
    }
  }
  wake_.notify_one();
}

std::unique_ptr<io::File> Spare::take() {
  const std::lock_guard lock(mutex_);
  if (whole_ != nullptr) {
    // Nothing is due until begin(), for the name is still in use.
    filled_ = 0;
    due_ = 0;
  }
  return std::move(whole_);
}

std::uint64_t Spare::next_end_locked() const {
  return std::min(filled_ + plan_.piece_bytes, plan_.bytes);
}

bool Spare::due_locked() const { return filled_ < plan_.bytes && due_ >= next_end_locked(); }

void Spare::fill() {
  const std::lock_guard work(work_);
  std::uint64_t from = 0;
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!due_locked()) {
      return;
    }
    from = filled_;
    end = next_end_locked();
  }
  if (from == 0 && !has_room()) {
    drop(nullptr);
    return;
  }
  base::Status done = from == 0 ? open() : base::ok();
  if (done) {
    done = write_piece(from, end);
  }
  if (!done) {
    if (!std::exchange(told_, true)) {
      log_.warning("no journal segment can be prepared", {{"reason", done.error().message}});
    }
    drop(std::move(file_));
    return;
  }
  const std::lock_guard lock(mutex_);
  filled_ = end;
  if (end == plan_.bytes) {
    whole_ = std::move(file_);
    told_ = false;
  }
}

base::Status Spare::open() {
  // Left where it could not be removed.
  if (files_.exists(path_)) {
    if (const base::Status removed = files_.remove(path_); !removed) {
      return removed;
    }
  }
  base::Result<std::unique_ptr<io::File>> made = files_.open(path_, io::OpenMode::kCreate);
  if (!made) {
    return made.error();
  }
  file_ = std::move(*made);
  return file_->allocate(plan_.bytes);
}

base::Status Spare::write_piece(std::uint64_t from, std::uint64_t end) {
  if (const base::Status written = file_->write_at(from, std::string(end - from, '\0')); !written) {
    return written;
  }
  file_->write_out(from, end);
  return end == plan_.bytes ? file_->sync_data() : base::ok();
}

bool Spare::has_room() {
  const base::Result<std::uint64_t> free = files_.free_bytes(plan_.folder);
  return free && *free >= plan_.reserve_bytes + 2 * plan_.bytes;
}

void Spare::keep_room(std::uint64_t free_bytes, bool refusing) {
  if (free_bytes < plan_.reserve_bytes + (refusing ? plan_.bytes : 0)) {
    give_back();
  }
}

void Spare::give_back() {
  const std::lock_guard work(work_);
  std::unique_ptr<io::File> file = std::move(file_);
  if (file == nullptr) {
    const std::lock_guard lock(mutex_);
    file = std::move(whole_);
  }
  if (file != nullptr) {
    drop(std::move(file));
  }
}

/// Gives up beside this segment; `file` is what is there under the name, null for nothing.
void Spare::drop(std::unique_ptr<io::File> file) {
  {
    const std::lock_guard lock(mutex_);
    filled_ = 0;
    due_ = 0;
    gave_up_ = true;
  }
  if (file != nullptr) {
    static_cast<void>(files_.remove(path_));
  }
}

}  // namespace journal

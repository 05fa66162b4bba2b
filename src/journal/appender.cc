#include "journal/appender.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace journal {
namespace {

std::uint32_t draw_salt(base::Random& random) {
  std::array<std::uint8_t, 4> bytes{};
  random.fill(bytes);
  std::uint32_t salt = 0;
  std::memcpy(&salt, bytes.data(), bytes.size());
  return salt;
}

}  // namespace

Appender::Appender(const Parts& parts, const Options& options, Tail tail)
    : files_(parts.files),
      clock_(parts.clock),
      random_(parts.random),
      spare_(parts.spare),
      options_(options),
      space_(files_, clock_, options.folder, options.reserve_bytes),
      active_(std::move(tail.active)),
      next_(tail.next) {
  spare_.begin(active_bytes());
}

base::Result<std::size_t> Appender::append(std::span<const std::string_view> records) {
  if (const base::Status free = space_.check(); !free) {
    return free.error();
  }
  if (const base::Status room = make_room(segment::kRecordHeaderBytes + records.front().size());
      !room) {
    return room.error();
  }
  const std::size_t count = encode_group(records);
  if (const base::Status written = active_->write(group_); !written) {
    return written.error();
  }
  unsynced_ = true;
  if (options_.sync == SyncMode::kCommit) {
    if (const base::Status synced = sync(); !synced) {
      return synced.error();
    }
    spare_.follow(active_->end());
  }
  next_ += count;
  return count;
}

base::Status Appender::sync() {
  if (active_ == nullptr || !unsynced_) {
    return base::ok();
  }
  const auto start = clock_.steady_now();
  if (const base::Status synced = active_->sync(); !synced) {
    // A full disk is no excuse here: the bytes were taken, and now nobody knows where they are.
    return base::Error{base::Code::kIo, synced.error().message, synced.error().os_error};
  }
  last_sync_took_ =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady_now() - start);
  ++syncs_;
  unsynced_ = false;
  return base::ok();
}

base::Status Appender::prepare() { return make_room(segment::kRecordHeaderBytes); }

base::Status Appender::make_room(std::uint64_t record_bytes) {
  return active_ != nullptr && active_->room() >= record_bytes ? base::ok() : roll(record_bytes);
}

base::Status Appender::roll(std::uint64_t record_bytes) {
  if (active_ != nullptr && unsynced_ && options_.sync != SyncMode::kOff) {
    // Recovery reads the last segment alone, so the ones before must be whole.
    if (const base::Status synced = sync(); !synced) {
      return synced;
    }
  }
  if (active_ != nullptr && active_->has_records()) {
    active_->finish();
  } else {
    // Its name is the next position, so the new segment takes its file.
    active_ = nullptr;
  }
  const std::uint64_t bytes =
      std::max(options_.segment_bytes, segment::kHeaderBytes + record_bytes);
  std::shared_ptr<io::File> spare = bytes == options_.segment_bytes ? spare_.take() : nullptr;
  if (spare == nullptr) {
    if (const base::Status free = space_.check_for(bytes); !free) {
      return free;
    }
  }
  base::Result<std::unique_ptr<ActiveSegment>> made = ActiveSegment::create(
      files_, {options_.folder, {draw_salt(random_), next_, clock_.now()}, bytes},
      std::move(spare));
  if (!made) {
    return made.error();
  }
  active_ = std::move(*made);
  spare_.begin(active_->end());
  unsynced_ = false;
  return base::ok();
}

std::size_t Appender::encode_group(std::span<const std::string_view> records) {
  group_.clear();
  std::size_t count = 0;
  for (const std::string_view record : records) {
    const std::uint64_t bytes = group_.size() + segment::kRecordHeaderBytes + record.size();
    if (count > 0 && (bytes > options_.group_bytes_max || bytes > active_->room())) {
      break;
    }
    segment::encode_record(group_, active_->header().salt, next_ + count, record);
    ++count;
  }
  return count;
}

}  // namespace journal

#include "journal/space.h"

#include <utility>

namespace journal {

std::string below_reserve(std::uint64_t free_bytes, std::uint64_t reserve_bytes) {
  return free_bytes >= reserve_bytes
             ? ""
             : "the disk has " + std::to_string(free_bytes) +
                   " bytes free, less than the reserve of " + std::to_string(reserve_bytes);
}

Space::Space(io::FileSystem& files, const base::Clock& clock, std::string folder,
             std::uint64_t reserve_bytes)
    : files_(files), clock_(clock), folder_(std::move(folder)), reserve_bytes_(reserve_bytes) {}

base::Status Space::check() {
  if (!looked_ || clock_.steady_now() - looked_at_ >= kAgeMax) {
    if (const base::Status looked = look(); !looked) {
      return looked;
    }
  }
  if (free_bytes_ >= reserve_bytes_) {
    return base::ok();
  }
  return base::fail(base::Code::kUnavailable,
                    "disk of '" + folder_ + "' has " + std::to_string(free_bytes_) +
                        " bytes free, less than the reserve of " + std::to_string(reserve_bytes_));
}

base::Status Space::check_for(std::uint64_t bytes) {
  if (const base::Status looked = look(); !looked) {
    return looked;
  }
  if (free_bytes_ >= reserve_bytes_ + bytes) {
    return base::ok();
  }
  return base::fail(base::Code::kUnavailable,
                    "disk of '" + folder_ + "' has " + std::to_string(free_bytes_) +
                        " bytes free, less than the reserve of " + std::to_string(reserve_bytes_) +
                        " and a segment of " + std::to_string(bytes));
}

base::Status Space::look() {
  const base::Result<std::uint64_t> free = files_.free_bytes(folder_);
  if (!free) {
    return base::fail(base::Code::kUnavailable, free.error().message);
  }
  free_bytes_ = *free;
  looked_ = true;
  looked_at_ = clock_.steady_now();
  return base::ok();
}

}  // namespace journal

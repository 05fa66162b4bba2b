#include "http/body.h"

#include <algorithm>

namespace http {
namespace {

/// What every connection may keep without being charged for it: most events fit.
constexpr std::size_t kFreeBytes = 4096;
/// First room of a larger body.
constexpr std::size_t kStepBytes = std::size_t{16} << 10U;

}  // namespace

bool Body::make_room(std::size_t bytes, std::size_t total) {
  const std::size_t needed = size_ + bytes;
  if (needed <= bytes_.size()) {
    return true;
  }
  const std::size_t step = std::max(kStepBytes, 2 * bytes_.size());
  const std::size_t room = std::max(needed, std::min(total, step));
  const std::size_t charge = room > kFreeBytes ? room : 0;
  if (charge > charged_) {
    if (!memory_.acquire(charge - charged_)) {
      return false;
    }
    charged_ = charge;
  }
  bytes_.resize(room);
  return true;
}

std::span<char> Body::free_space(std::size_t total) {
  const std::size_t end = std::min(bytes_.size(), total);
  return {bytes_.data() + size_, end > size_ ? end - size_ : 0};
}

void Body::append(std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void Body::clear() {
  size_ = 0;
  if (charged_ > 0) {
    std::string().swap(bytes_);
    memory_.release(charged_);
    charged_ = 0;
  }
}

}  // namespace http

#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {
namespace {

// Durations below 2^(kHalfBits + 1) have a bucket each. Above, every doubling has 2^kHalfBits
// buckets, so that a bucket is at most 1 / 1024 of what it counts.
constexpr unsigned kHalfBits = 10;
constexpr unsigned kLongestBits = 40;
constexpr std::uint64_t kHalf = std::uint64_t{1} << kHalfBits;
constexpr std::uint64_t kLongest = (std::uint64_t{1} << kLongestBits) - 1;

std::size_t bucket_of(std::uint64_t ns) {
  const auto bits = std::max<std::uint64_t>(std::bit_width(ns), kHalfBits + 1);
  const std::uint64_t shift = bits - kHalfBits - 1;
  return shift * kHalf + (ns >> shift);
}

/// The longest duration counted in a bucket.
std::uint64_t end_of(std::size_t bucket) {
  const std::uint64_t doublings = bucket / kHalf;
  const std::uint64_t shift = doublings == 0 ? 0 : doublings - 1;
  return ((bucket - shift * kHalf + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(kLongest) + 1) {}

void Histogram::add(std::int64_t ns) {
  const std::uint64_t length = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
  ++buckets_[bucket_of(std::min(length, kLongest))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t at = 0; at < buckets_.size(); ++at) {
    buckets_[at] += other.buckets_[at];
  }
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

std::int64_t Histogram::quantile_ns(double share) const {
  const double wanted = std::ceil(share * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < buckets_.size(); ++at) {
    seen += buckets_[at];
    if (seen >= rank) {
      return std::min(static_cast<std::int64_t>(end_of(at)), max_ns_);
    }
  }
  return max_ns_;
}

}  // namespace load

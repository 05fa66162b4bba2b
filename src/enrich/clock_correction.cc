#include "enrich/clock_correction.h"

#include <cstdint>
#include <optional>

namespace enrich {
namespace {

constexpr std::int64_t kToleratedUs = std::int64_t{600'000'000};

std::optional<std::int64_t> add(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(left, right, &sum) ? std::nullopt : std::optional(sum);
}

/// How far the client's clock is behind ours; 0 when it did not say what time it has.
std::int64_t difference_of(const event::Event& event) {
  std::int64_t difference = 0;
  if (!event.upload_timestamp ||
      __builtin_sub_overflow(*event.received_at, *event.upload_timestamp, &difference)) {
    return 0;
  }
  return difference;
}

void shift(event::Int& time, std::int64_t by) {
  if (time) {
    time = add(*time, by).value_or(*time);
  }
}

}  // namespace

void correct_clock(event::Event& event) {
  if (!event.event_timestamp || !event.received_at) {
    return;
  }
  const std::int64_t difference = difference_of(event);
  const bool clock_is_wrong = difference > kToleratedUs || difference < -kToleratedUs;
  if (clock_is_wrong || *event.event_timestamp > *event.received_at) {
    shift(event.event_timestamp, difference);
    shift(event.session_start, difference);
    shift(event.session_stop, difference);
    shift(event.user_first_touch, difference);
  }
  if (*event.event_timestamp > *event.received_at) {
    event.event_timestamp = event.received_at;
  }
}

}  // namespace enrich

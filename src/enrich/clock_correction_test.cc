#include "enrich/clock_correction.h"

#include <gtest/gtest.h>

#include <limits>

namespace enrich {
namespace {

constexpr std::int64_t kMs = 1000;

event::Event event_at(std::int64_t event_ms, std::int64_t received_ms, std::int64_t upload_ms) {
  event::Event event;
  event.event_timestamp = event_ms * kMs;
  event.received_at = received_ms * kMs;
  event.upload_timestamp = upload_ms * kMs;
  return event;
}

TEST(ClockCorrection, WrongClockMovesAllTimes) {
  event::Event event = event_at(1682319109447, 1682340709403, 1682329109403);
  event.session_start = 1682319000000 * kMs;
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 1682330709447 * kMs);
  EXPECT_EQ(event.session_start, 1682330600000 * kMs);
}

TEST(ClockCorrection, TenMinutesAreTolerated) {
  event::Event event = event_at(1000, 2'000'000, 2'000'000 - 600'000);
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 1000 * kMs);
  event = event_at(1000, 2'000'000, 2'000'000 - 600'001);
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 601'001 * kMs);
}

TEST(ClockCorrection, FutureEventHappenedAtTheLatestWhenItArrived) {
  event::Event event = event_at(5'000'000, 1'000'000, 4'900'000);
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 1'000'000 * kMs);
  event = event_at(4'000'000, 1'000'000, 4'900'000);
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 100'000 * kMs);
  event.event_timestamp = 7'000'000 * kMs;
  event.upload_timestamp.reset();
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 1'000'000 * kMs);
}

TEST(ClockCorrection, MissingOrExtremeTimesAreHarmless) {
  event::Event event;
  correct_clock(event);
  EXPECT_FALSE(event.event_timestamp);
  event.event_timestamp = std::numeric_limits<std::int64_t>::max();
  event.received_at = 1;
  event.upload_timestamp = std::numeric_limits<std::int64_t>::min();
  correct_clock(event);
  EXPECT_EQ(event.event_timestamp, 1);
}

}  // namespace
}  // namespace enrich

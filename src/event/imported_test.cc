#include "event/imported.h"

#include <gtest/gtest.h>

namespace event {
namespace {

TEST(Imported, ARecordOfAClientHasNoOrdinalsAndArrivedWhenItWasReceived) {
  Record record;
  record.received_at = base::from_us(7);
  EXPECT_EQ(Ordinals(record).of(0), std::nullopt);
  EXPECT_EQ(base::to_us(arrival_of(record)), 7);
}

TEST(Imported, OrdinalsAreThoseNotedAndZeroElsewhere) {
  Record record;
  record.notes = {{kOrdinalsNote, "2:1,10:3,x,4:,:5,7:y"}};
  const Ordinals ordinals(record);
  EXPECT_EQ(ordinals.of(0), 0U);
  EXPECT_EQ(ordinals.of(2), 1U);
  EXPECT_EQ(ordinals.of(4), 0U);
  EXPECT_EQ(ordinals.of(7), 0U);
  EXPECT_EQ(ordinals.of(10), 3U);
}

TEST(Imported, AnImportArrivesWhenItIsMade) {
  Record record;
  record.received_at = base::from_us(7);
  record.notes = {{kImportedAtNote, "1700000000000000"}};
  EXPECT_EQ(base::to_us(arrival_of(record)), 1'700'000'000'000'000);
  record.notes = {{kImportedAtNote, "soon"}};
  EXPECT_EQ(base::to_us(arrival_of(record)), 7);
}

}  // namespace
}  // namespace event

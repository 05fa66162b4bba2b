#include "metrics/exposition.h"

#include <gtest/gtest.h>

namespace metrics {
namespace {

TEST(Exposition, WritesFamiliesWithTheirSamples) {
  Exposition out;
  out.counter("loader_events_total", "Events by outcome.");
  out.sample(3, {{"app", "a\"b\\c\nd"}, {"outcome", "stored"}}).sample(1);
  out.gauge("journal_disk_free_bytes", "Free disk.").sample(18446744073709551615ULL);
  EXPECT_EQ(std::move(out).text(),
            "# HELP loader_events_total Events by outcome.\n"
            "# TYPE loader_events_total counter\n"
            "loader_events_total{app=\"a\\\"b\\\\c\\nd\",outcome=\"stored\"} 3\n"
            "loader_events_total 1\n"
            "# HELP journal_disk_free_bytes Free disk.\n"
            "# TYPE journal_disk_free_bytes gauge\n"
            "journal_disk_free_bytes 18446744073709551615\n");
}

}  // namespace
}  // namespace metrics
